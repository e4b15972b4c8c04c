"""Sending, counting and accepting codes."""

import datetime as dt
import hmac

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
    waiting = records.unanswered(act.rows, subject, since=act.now - _DAY)
    wait = rules.wait_for_next(waiting, act.policy.codes, now=act.now, cooled=again)
    if wait > dt.timedelta(0):
        raise TooManyAttempts(wait)
    secret = act.entropy.bytes(tokens.SECRET_SIZE)
    code = _draw(act)
    challenge_id = act.new_id()
    challenge = Challenge(
        id=challenge_id,
        purpose=purpose,
        subject=subject,
        session=session,
        channel=channel,
        address=address,
        proof=_proof(act.rows, challenge_id, purpose, address, code),
        created_at=act.now,
        expires_at=act.now + act.policy.codes.lifetime,
        used_at=None,
        caller=caller or Caller(),
    )
    records.add(act.rows, challenge, secret=tokens.digest(secret))
    return Sent(challenge=challenge, token=Secret(tokens.write(_TOKEN, secret)), code=Secret(code))


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
    for challenge in challenges:
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
    records.reset_tries(act.rows, challenge.subject, challenge.purpose)


def forget(act: Act, subject: str) -> None:
    """Delete every challenge of an account or record."""
    records.forget(act.rows, subject)


def required(
    challenge: Challenge, token: str, look: Look, *, alternatives: frozenset[Channel] = frozenset()
) -> CodeRequired:
    """Say what a code page shows."""
    masked = mask_phone if challenge.channel is Channel.SMS else mask_email
    return CodeRequired(
        challenge=token,
        channel=challenge.channel,
        sent_to=masked(challenge.address),
        alternatives=alternatives,
        expires_at=challenge.expires_at,
        resend_after=rules.resend_at(challenge, look.policy.codes),
    )


def _draw(act: Act) -> str:
    # 64 random bits over a million values: the bias is below one in 10^13.
    number = int.from_bytes(act.entropy.bytes(8)) % 10**rules.DIGITS
    return f"{number:0{rules.DIGITS}d}"


def _proof(rows: Rows, challenge_id: str, purpose: str, address: str, code: str) -> bytes:
    key = rows.ring.key(Use.CODES)
    return key.mac(("code", challenge_id, str(purpose), address, code))
