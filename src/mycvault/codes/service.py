"""Sending, counting and accepting codes."""

import datetime as dt
import hmac
from typing import Any

from mycvault.act import Act, Look
from mycvault.codes import records, rules
from mycvault.codes.model import Challenge, CodePurpose, CodeRequired, Sent
from mycvault.crypto import tokens
from mycvault.errors import CodeExpired, CodeRefused, LinkDamaged, TooManyAttempts
from mycvault.keys.model import Use
from mycvault.storage.rows import Rows
from mycvault.values.addresses import mask_email, mask_phone
from mycvault.values.caller import Caller
from mycvault.values.choices import Channel
from mycvault.values.secret import Secret

_TOKEN = "code"  # noqa: S105 - the purpose written into the token
_DAY = dt.timedelta(days=1)
_PROOF_SIZE = 32  # bytes


def send(
    act: Act,
    purpose: CodePurpose,
    *,
    subject: str,
    channel: Channel,
    address: str,
    again: bool = False,
    session: str | None = None,
    caller: Caller | None = None,
) -> Sent:
    """
    Make a code for *subject*, to be sent to *address*; the letter is the story's to queue.

    Raises:
        TooManyAttempts: Ten codes of the last 24 hours stand unanswered, or, when asked *again*, the last one is too young.
    """
    _refuse_too_many(act, subject, sent=True, cooled=again)
    code, challenge_id = _draw(act), act.new_id()
    proof = _proof(act.rows, challenge_id, purpose, address, code)
    challenge = _challenge(
        act,
        purpose,
        proof,
        id=challenge_id,
        subject=subject,
        channel=channel,
        address=address,
        session=session,
        caller=caller or Caller(),
    )
    return Sent(challenge=challenge, token=_add(act, challenge), code=Secret(code))


def wait_for(
    act: Act,
    purpose: CodePurpose,
    *,
    subject: str,
    channel: Channel,
    again: bool = False,
    session: str | None = None,
    caller: Caller | None = None,
) -> tuple[Challenge, Secret]:
    """
    Make a request for a code that nobody sends, an app's or a recovery code; no code of ours answers it.

    Raises:
        TooManyAttempts: Asked *again*, and ten such requests of the last 24 hours stand unanswered.
    """
    if again:
        _refuse_too_many(act, subject, sent=False, cooled=False)
    challenge = _challenge(
        act,
        purpose,
        act.entropy.bytes(_PROOF_SIZE),
        id=act.new_id(),
        subject=subject,
        channel=channel,
        address="",
        session=session,
        caller=caller or Caller(),
    )
    return challenge, _add(act, challenge)


def find(look: Look, token: str, *purposes: CodePurpose) -> Challenge:
    """Find a challenge that may still be answered; CodeExpired when it is over, used, unknown or for something else."""
    try:
        said, digest = tokens.read(token)
    except LinkDamaged:
        raise CodeExpired from None
    challenge = records.by_secret(look.rows, digest, purposes) if said == _TOKEN else None
    if challenge is None:
        raise CodeExpired
    if not rules.is_live(challenge, now=look.now):
        raise CodeExpired
    return challenge


def live(look: Look, subject: str, purpose: CodePurpose) -> list[Challenge]:
    """List the challenges of a subject and purpose that may still be answered."""
    since = look.now - look.policy.codes.lifetime
    waiting = records.unanswered(look.rows, subject, since=since)
    return [c for c in waiting if c.purpose is purpose and rules.is_live(c, now=look.now)]


def count_try(look: Look, subject: str, purpose: CodePurpose) -> int:
    """
    Count a try before it is judged; tell how many are left.

    Raises:
        TooManyAttempts: There were too many within the hour; nothing else is looked at.
    """
    policy = look.policy.codes
    stale = look.now - policy.tries_window
    count, since = records.count_try(look.rows, subject, purpose, now=look.now, stale=stale)
    if count > policy.tries:
        raise TooManyAttempts(since + policy.tries_window - look.now)
    return policy.tries - count


def match(look: Look, challenges: list[Challenge], code: str, *, tries_left: int) -> Challenge:
    """Find the challenge that *code* answers; CodeRefused when it answers none."""
    typed = rules.typed(code)
    found = None
    for challenge in (one for one in challenges if rules.is_sent(one.channel)):
        proof = _proof(look.rows, challenge.id, challenge.purpose, challenge.address, typed)
        if hmac.compare_digest(proof, challenge.proof):
            found = challenge
    if found is None:
        raise CodeRefused(tries_left)
    return found


def use(act: Act, challenge: Challenge) -> None:
    """Use a challenge, once, and forget the tries; CodeExpired when another call was first."""
    if not records.use_once(act.rows, challenge.id, now=act.now):
        raise CodeExpired
    forget_tries(act, challenge.subject, challenge.purpose)


def forget_tries(act: Act, subject: str, purpose: CodePurpose) -> None:
    """Forget the tries, because one succeeded."""
    records.reset_tries(act.rows, subject, purpose)


def forget(act: Act, subject: str) -> None:
    """Delete every challenge of an account or record."""
    records.forget(act.rows, subject)


def required(
    challenge: Challenge, token: str, look: Look, *, alternatives: frozenset[Channel] = frozenset()
) -> CodeRequired:
    """Say what a code page shows."""
    masked = mask_phone if challenge.channel is Channel.SMS else mask_email
    is_sent = rules.is_sent(challenge.channel)
    return CodeRequired(
        challenge=token,
        channel=challenge.channel,
        sent_to=masked(challenge.address) if is_sent else "",
        alternatives=alternatives,
        expires_at=challenge.expires_at,
        resend_after=rules.resend_at(challenge, look.policy.codes)
        if is_sent
        else challenge.created_at,
    )


def _refuse_too_many(act: Act, subject: str, *, sent: bool, cooled: bool) -> None:
    unanswered = records.unanswered(act.rows, subject, since=act.now - _DAY)
    alike = [one for one in unanswered if rules.is_sent(one.channel) is sent]
    wait = rules.wait_for_next(alike, act.policy.codes, now=act.now, cooled=cooled)
    if wait > dt.timedelta(0):
        raise TooManyAttempts(wait)


def _challenge(act: Act, purpose: CodePurpose, proof: bytes, **given: Any) -> Challenge:
    return Challenge(
        **given,
        purpose=purpose,
        proof=proof,
        created_at=act.now,
        expires_at=act.now + act.policy.codes.lifetime,
        used_at=None,
    )


def _add(act: Act, challenge: Challenge) -> Secret:
    secret = act.entropy.bytes(tokens.SECRET_SIZE)
    records.add(act.rows, challenge, secret=tokens.digest(secret))
    return Secret(tokens.write(_TOKEN, secret))


def _draw(act: Act) -> str:
    # 64 random bits over a million values: the bias is below one in 10^13.
    number = int.from_bytes(act.entropy.bytes(8)) % 10**rules.DIGITS
    return f"{number:0{rules.DIGITS}d}"


def _proof(rows: Rows, challenge_id: str, purpose: str, address: str, code: str) -> bytes:
    key = rows.ring.key(Use.CODES)
    return key.mac(("code", challenge_id, str(purpose), address, code))
