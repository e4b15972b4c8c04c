"""
What a link may still do, and what an activation asks. Pure.

Used is told before expired, and both only to whoever holds the secret; a revoked link is like one that never was.
"""

import datetime as dt
import unicodedata
from enum import Enum

from mycvault.errors import InvalidInput
from mycvault.links.model import LinkRecord
from mycvault.values.choices import Channel, Need, SecondFactor

# Letters and digits that are not mistaken for one another, on paper or over the phone.
CODE_ALPHABET = "ABCDEFGHJKMNPQRTUVWXY346789"
_WAYS = (Channel.EMAIL, Channel.SMS, Channel.LETTER)
CODE_LENGTH = 10  # characters: 47 bits, tried five times an hour
MOST_LIVE = 3  # links of one owner and purpose that may live beside one another


class Standing(Enum):
    """Where a link stands at a moment."""

    LIVE = "live"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


def standing(link: LinkRecord, *, now: dt.datetime) -> Standing:
    """Tell where *link* stands at *now*."""
    if link.used_at is not None:
        return Standing.USED
    if link.revoked_at is not None:
        return Standing.REVOKED
    return Standing.LIVE if now < link.expires_at else Standing.EXPIRED


def has_room(links: list[LinkRecord], *, now: dt.datetime) -> bool:
    """Tell whether one more link may stand beside these: whoever asks again and again fills no mailbox."""
    return sum(standing(link, now=now) is Standing.LIVE for link in links) < MOST_LIVE


def parse_channel(by: Channel | str) -> Channel:
    """Take the way an invitation travels: e-mail, SMS or a printed letter; InvalidInput for another."""
    if by not in _WAYS:
        raise InvalidInput("an invitation goes by e-mail, SMS or letter", field="by")
    return Channel(by)


def activation_needs(
    *,
    phone_known: bool,
    birth_date_known: bool,
    terms_published: bool,
    code_printed: bool,
    second_factor: SecondFactor,
) -> frozenset[Need]:
    """
    List what an activation asks besides the link.

    A code by SMS when a phone is on record and codes are not NEVER; the birth date when it is on record and neither that code
    nor an activation code is asked.
    """
    needs = {Need.PASSWORD, Need.IDENTITY}
    if terms_published:
        needs.add(Need.TERMS)
    if code_printed:
        needs.add(Need.ACTIVATION_CODE)
    if phone_known and second_factor is not SecondFactor.NEVER:
        needs.add(Need.CODE)
    if birth_date_known and not needs & {Need.CODE, Need.ACTIVATION_CODE}:
        needs.add(Need.BIRTH_DATE)
    return frozenset(needs)


def typed_code(code: str) -> str:
    """Give an activation code in the form it was printed; spaces, dashes, small and full-width letters are forgiven."""
    text = unicodedata.normalize("NFKC", code[:64]).upper() if isinstance(code, str) else ""
    return "".join(char for char in text if char in CODE_ALPHABET)
