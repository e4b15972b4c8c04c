"""Terms of use are published, and who accepted them is listed."""

from mycvault.consent import rules
from mycvault.consent import service as consent
from mycvault.consent.model import Acceptance
from mycvault.desk import Call
from mycvault.directory import rules as directory_rules
from mycvault.errors import InvalidInput, Terms
from mycvault.values.page import Page


def publish_terms(call: Call, version: str, text: str, *, locale: str) -> Terms:
    """Publish a text of terms; the same text again changes nothing. InvalidInput."""
    version, text = rules.parse_version(version), rules.parse_text(text)
    locale = directory_rules.parse_locale(locale)
    with call.look() as look:
        known = consent.published(look, version, locale=locale)
    if known is not None and known.sha256 == rules.digest(text):
        return known
    try:
        with call.act() as act:
            return consent.publish(act, version, text, locale=locale)
    except InvalidInput:
        # Another call may have published this very text since we looked.
        with call.look() as look:
            known = consent.published(look, version, locale=locale)
        if known is None or known.sha256 != rules.digest(text):
            raise
        return known


def read_terms(call: Call, *, version: str | None, locale: str) -> Terms | None:
    """Find the text to show: of a version or the current one; None when there is none."""
    named = None if version is None else rules.parse_version(version)
    locale = directory_rules.parse_locale(locale)
    with call.look() as look:
        return consent.shown(look, version=named, locale=locale)


def acceptances(
    call: Call, *, version: str | None, after: str | None, limit: int
) -> Page[Acceptance]:
    """List who accepted which text when, oldest first; InvalidInput."""
    named = None if version is None else rules.parse_version(version)
    with call.look() as look:
        return consent.acceptances(look, version=named, after=after, limit=limit)
