"""
Whether a password is strong enough.

zxcvbn estimates the guesses it takes, knowing her names and addresses; below 10^10 it is refused (out of reach online, slow
offline against argon2id). What is her name or address is refused whatever its length (ASVS 5.0, 6.2.11).
"""

import math
import unicodedata
from collections.abc import Iterable

from mycvault.credentials.rules import normalised
from mycvault.errors import PasswordTooWeak, Reason
from mycvault.policy import PasswordPolicy

_LONGEST_JUDGED = (
    72  # characters zxcvbn looks at: more takes time, and what follows only adds strength
)
_SHORTEST_WORD = 4  # a context word shorter than this stands in too many good passwords


def check(password: str, policy: PasswordPolicy, *, alone: bool, personal: Iterable[str]) -> str:
    """
    Judge a new password; give it in the form that is hashed.

    Args:
        password: As typed.

        policy: The limits.

        alone: Whether it will be the only factor, and must be longer.

        personal: Her names, addresses, employer: refused inside a password that is little more.

    Raises:
        PasswordTooWeak: With every reason at once.
    """
    text = normalised(password, policy)
    reasons = []
    if len(text) < (policy.minimum_alone if alone else policy.minimum):
        reasons.append(Reason.TOO_SHORT)
    words = sorted({piece for word in personal for piece in _pieces(word)}, key=len, reverse=True)
    if _is_personal(text, words):
        reasons.append(Reason.PERSONAL)
    reasons += _guessable(text, policy, words)
    if reasons:
        raise PasswordTooWeak(tuple(reasons))
    return text


def _guessable(text: str, policy: PasswordPolicy, words: list[str]) -> list[Reason]:
    from zxcvbn import zxcvbn

    judged = text[:_LONGEST_JUDGED]
    if not judged:
        return []
    found = zxcvbn(judged, user_inputs=words)
    if math.log10(max(1, int(found["guesses"]))) >= policy.minimum_guesses_log10:
        return []
    sequence = found["sequence"]
    whole = len(sequence) == 1 and sequence[0].get("dictionary_name") == "passwords"
    return [Reason.COMMON if whole else Reason.GUESSABLE]


def _is_personal(text: str, words: list[str]) -> bool:
    """Tell whether the password is little more than her own words."""
    rest = _plain(text)
    if not rest:
        return False
    for word in words:
        rest = rest.replace(word, "")
    return len(rest) * 2 < len(_plain(text))


def _pieces(word: str) -> set[str]:
    plain = _plain(word)
    split = "".join(char if char.isalnum() else " " for char in plain).split()
    return {piece for piece in (plain, *split) if len(piece) >= _SHORTEST_WORD}


def _plain(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text)
    return "".join(char for char in spread if not unicodedata.combining(char)).casefold()
