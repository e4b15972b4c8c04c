"""
Which terms are current, and what accepting them takes. Pure.

The newest published version is current; it is shown in her language, else in French, else in any it exists in.
"""

import hashlib
from collections.abc import Sequence

from mycvault.errors import InvalidInput, Terms, TermsRequired
from mycvault.values import words

_VERSION = 64  # characters
_TEXT = 1_000_000


def parse_version(version: str) -> str:
    """Take a version's name: 1 to 64 characters; InvalidInput else."""
    return words.parse_word(version, field="version", longest=_VERSION)


def parse_text(text: str) -> str:
    """Take the text of terms: 1 to 1,000,000 characters, kept as given; InvalidInput else."""
    if not words.parse_text(text, field="text", longest=_TEXT).strip():
        raise InvalidInput("terms have a text", field="text", reason="empty")
    return text


def digest(text: str) -> str:
    """Digest the very text that is shown: SHA-256 over its UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def in_language(texts: Sequence[Terms], locale: str) -> Terms | None:
    """Choose among one version's texts the one to show; None when there is none."""
    by_locale = {terms.locale: terms for terms in texts}
    return by_locale.get(locale) or by_locale.get("fr") or (texts[0] if texts else None)


def accepted_text(current: Sequence[Terms], version: str | None, *, locale: str) -> Terms | None:
    """
    Find the text she accepts by naming *version*; None when there are no terms to accept.

    Raises:
        TermsRequired: She named none, or an older one; carries the text to show.
    """
    shown = in_language(current, locale)
    if shown is not None and version != shown.version:
        raise TermsRequired(shown)
    return shown
