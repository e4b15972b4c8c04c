"""Starting, admitting and ending sessions."""

import datetime as dt

import attrs

from mycvault.act import Act, Look
from mycvault.crypto import tokens
from mycvault.errors import LinkDamaged, SessionEnded, SessionMissing
from mycvault.ids import is_id
from mycvault.sessions import records, rules
from mycvault.sessions.model import SessionInfo, SessionRecord
from mycvault.values.caller import Caller
from mycvault.values.choices import Assurance
from mycvault.values.secret import Secret

_TOKEN = "session"  # noqa: S105 - the purpose written into the token


def start(
    act: Act,
    account_id: str,
    assurance: Assurance,
    *,
    caller: Caller,
    terms_pending: str | None,
    limited_to: str | None = None,
) -> tuple[SessionRecord, Secret]:
    """Start a session; its token is given once and stored as a digest."""
    policy = act.policy.sessions
    secret = act.entropy.bytes(tokens.SECRET_SIZE)
    session = SessionRecord(
        id=act.new_id(),
        account_id=account_id,
        assurance=assurance,
        started_at=act.now,
        last_used_at=act.now,
        expires_at=act.now + policy.absolute,
        fresh_until=act.now + policy.fresh,
        terms_pending=terms_pending,
        ended_at=None,
        limited_to=limited_to,
    )
    known = {"address": caller.address, "user_agent": caller.user_agent}
    device = {name: text for name, text in known.items() if text}
    records.add(act.rows, session, secret=tokens.digest(secret), device=device)
    act.record(account_id, session=session.id)
    return session, Secret(tokens.write(_TOKEN, secret))


def resume(look: Look, token: str) -> SessionRecord:
    """Find the live session of a token; SessionEnded when it is over, unknown, cut or forged."""
    try:
        said, digest = tokens.read(token)
    except LinkDamaged:
        raise SessionEnded from None
    session = records.by_secret(look.rows, digest) if said == _TOKEN else None
    return _live(look, session)


def admit(look: Look, session_id: str) -> SessionRecord:
    """Find a session that is live now; SessionEnded when it is not."""
    return _live(look, records.by_id(look.rows, session_id))


def is_stale(look: Look, session: SessionRecord) -> bool:
    """Tell whether its last use is worth writing down again."""
    return rules.is_stale(session, look.policy.sessions, now=look.now)


def touch(act: Act, session: SessionRecord) -> SessionRecord:
    """Write down that the session is used; one that ended meanwhile stays ended."""
    if not rules.is_stale(session, act.policy.sessions, now=act.now):
        return session
    records.touch(act.rows, session.id, act.now)
    return attrs.evolve(session, last_used_at=act.now)


def idle_until(look: Look, session: SessionRecord) -> dt.datetime:
    """Tell when the session ends if nobody uses it."""
    return rules.idle_until(session, look.policy.sessions)


def accept_terms(act: Act, session: SessionRecord) -> SessionRecord:
    """Open the safe to a session whose terms were accepted; SessionEnded when it ended meanwhile."""
    if not records.change(act.rows, session.id, terms_pending=None):
        raise SessionEnded
    return attrs.evolve(session, terms_pending=None)


def end(act: Act, session_id: str) -> None:
    """End a session; ending it twice is no error."""
    records.change(act.rows, session_id, ended_at=act.now)


def end_all(act: Act, account_id: str) -> int:
    """End every session of an account; tell how many there were."""
    return sum(
        records.change(act.rows, session_id, ended_at=act.now)
        for session_id in records.open_of(act.rows, account_id)
    )


def end_others(act: Act, session: SessionRecord) -> int:
    """
    End every session of an account but this one; tell how many there were.

    Raises:
        SessionEnded: This one is over meanwhile: who was put out puts nobody else out.
    """
    waiting = records.open_of(act.rows, session.account_id)
    if session.id not in waiting:
        raise SessionEnded
    return sum(
        records.change(act.rows, session_id, ended_at=act.now)
        for session_id in waiting
        if session_id != session.id
    )


def rotate(act: Act, session: SessionRecord, assurance: Assurance) -> tuple[SessionRecord, Secret]:
    """
    Give a session another token, because it is surer now that it is she; the old one is dead with the act.

    The assurance never falls. NIST SP 800-63B-4, 5.1; ASVS 5.0, 7.2.4.

    Raises:
        SessionEnded: It is over, or another call gave it another assurance meanwhile.
    """
    surer = max(session.assurance, assurance, key=lambda one: one.value)
    secret = act.entropy.bytes(tokens.SECRET_SIZE)
    changes = {"secret": tokens.digest(secret), "assurance": surer.value}
    if not records.raise_assurance(act.rows, session, changes):
        raise SessionEnded
    act.record(session.account_id, session=session.id)
    rotated = attrs.evolve(session, assurance=surer)
    return rotated, Secret(tokens.write(_TOKEN, secret))


def raised(
    act: Act, session: SessionRecord, assurance: Assurance
) -> tuple[SessionRecord, Secret | None]:
    """Give a session another token if *assurance* is more than it has; else leave it its own."""
    if assurance.value <= session.assurance.value:
        return session, None
    return rotate(act, session, assurance)


def listed(look: Look, account_id: str, *, current: str) -> list[SessionInfo]:
    """List the live sessions of an account, newest first."""
    policy = look.policy.sessions
    return [
        SessionInfo(
            id=session.id,
            current=session.id == current,
            device=device.get("user_agent", ""),
            address=device.get("address"),
            started_at=session.started_at,
            last_used_at=session.last_used_at,
        )
        for session, device in reversed(records.devices_of(look.rows, account_id))
        if rules.is_live(session, policy, now=look.now)
    ]


def find_of(look: Look, account_id: str, session_id: str) -> SessionRecord:
    """Find a session of an account by its id; SessionMissing when it is nobody's or another's."""
    found = records.by_id(look.rows, session_id) if is_id(session_id) else None
    if found is None or found.account_id != account_id:
        raise SessionMissing(field="session_id")
    return found


def is_fresh(look: Look, session: SessionRecord) -> bool:
    """Tell whether she confirmed a moment ago that it is she."""
    return rules.is_fresh(session, now=look.now)


def refresh(act: Act, session: SessionRecord) -> SessionRecord:
    """Count a confirmation for sensitive verbs from now on; SessionEnded when the session ended meanwhile."""
    until = act.now + act.policy.sessions.fresh
    if not records.change(act.rows, session.id, fresh_until=until):
        raise SessionEnded
    act.record(session.account_id, session=session.id)
    return attrs.evolve(session, fresh_until=until)


def _live(look: Look, session: SessionRecord | None) -> SessionRecord:
    if session is None:
        raise SessionEnded
    look.concerns(session.account_id, about=session.id)
    if not rules.is_live(session, look.policy.sessions, now=look.now):
        raise SessionEnded
    return session
