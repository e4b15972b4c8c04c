"""Issuing, finding and using links."""

import datetime as dt
import hmac
from collections.abc import Iterable

from mycvault.act import Act, Look
from mycvault.crypto import tokens
from mycvault.errors import AlreadyActivated, LinkExpired, LinkInvalid
from mycvault.keys.model import Use
from mycvault.links import records, rules
from mycvault.links.model import LinkRecord, Purpose
from mycvault.links.rules import Standing
from mycvault.storage.rows import Rows
from mycvault.values.choices import Channel
from mycvault.values.secret import Secret


def issue(
    act: Act,
    purpose: Purpose,
    *,
    owner: str,
    subject: str,
    channel: Channel,
    lifetime: dt.timedelta,
    employer_id: str | None = None,
    sent_to_key: str | None = None,
    code: Secret | None = None,
    beside: bool = False,
) -> tuple[LinkRecord, Secret]:
    """
    Make a link for *owner*; the ones it had for this purpose die in the same act, unless it stands *beside* them.

    *code*: what must be typed besides.
    """
    if not beside:
        records.revoke_all(act.rows, owner, purpose, now=act.now)
    secret = act.entropy.bytes(tokens.SECRET_SIZE)
    link_id = act.new_id()
    link = LinkRecord(
        id=link_id,
        purpose=purpose,
        owner=owner,
        subject=subject,
        employer_id=employer_id,
        channel=channel,
        expires_at=act.now + lifetime,
        sent_to=None,
        code_proof=None if code is None else _proof(act.rows, link_id, code.reveal()),
        used_at=None,
        revoked_at=None,
    )
    records.add(act.rows, link, secret=tokens.digest(secret), sent_to_key=sent_to_key)
    return link, Secret(tokens.write(purpose, secret))


def find(look: Look, token: str, purpose: Purpose) -> LinkRecord:
    """
    Find the link of a token, whatever its standing, for `judge` to judge; looking uses nothing.

    Raises:
        LinkDamaged: The token was cut or mistyped: told by its checksum, without a look-up.
        LinkInvalid: Unknown, forged, of another vault or for another purpose.
    """
    said, digest = tokens.read(token)
    link = records.by_secret(look.rows, digest) if said == purpose else None
    if link is None or link.purpose is not purpose:
        raise LinkInvalid
    look.concerns(link.subject, about=link.id)
    return link


def judge(look: Look, link: LinkRecord, *, employer_name: str = "") -> None:
    """
    Refuse a link that is no longer live.

    Raises:
        AlreadyActivated: It was used.
        LinkExpired: Its time is over; names the employer who can send another.
        LinkInvalid: It was revoked.
    """
    standing = rules.standing(link, now=look.now)
    if standing is Standing.USED:
        raise AlreadyActivated
    if standing is Standing.REVOKED:
        raise LinkInvalid
    if standing is Standing.EXPIRED:
        raise LinkExpired(employer_name)


def draw_code(act: Act) -> Secret:
    """Draw an activation code for a letter that travels apart from the link."""
    letters = len(rules.CODE_ALPHABET)
    number = int.from_bytes(act.entropy.bytes(16))
    return Secret(
        "".join(
            rules.CODE_ALPHABET[number // letters**i % letters] for i in range(rules.CODE_LENGTH)
        )
    )


def code_matches(look: Look, link: LinkRecord, code: str) -> bool:
    """Tell whether *code* is the activation code that went with the link."""
    proof = _proof(look.rows, link.id, rules.typed_code(code))
    return link.code_proof is not None and hmac.compare_digest(proof, link.code_proof)


def came_to(look: Look, link: LinkRecord, address_key: str) -> bool:
    """Tell whether the link was sent to this address."""
    return link.sent_to == records.address_index(look.rows, link, address_key)


def use(act: Act, link: LinkRecord, *, by: str | None) -> None:
    """
    Use a link, once, for account *by*; for None the caller says what was done with it.

    Raises:
        AlreadyActivated: Another call used it first.
        LinkInvalid: It was revoked.
    """
    if not records.use_once(act.rows, link.id, now=act.now):
        found = records.by_ids(act.rows, [link.id])
        raise AlreadyActivated if found and found[0].used_at else LinkInvalid
    if by is not None:
        act.record(by, link=link.id)


def revoke(act: Act, owner: str, purpose: Purpose) -> int:
    """Kill the live links of *owner*; tell how many there were."""
    return records.revoke_all(act.rows, owner, purpose, now=act.now)


def dead_among(look: Look, ids: Iterable[str]) -> set[str]:
    """Tell which of these links a letter must not carry any more."""
    wanted = set(ids)
    found = records.by_ids(look.rows, sorted(wanted)) if wanted else []
    return {link.id for link in found if rules.standing(link, now=look.now) is not Standing.LIVE}


def _proof(rows: Rows, link_id: str, code: str) -> bytes:
    return rows.ring.key(Use.CODES).mac(("activation code", link_id, code))
