"""
She signs in: identifier and password, then a code.

One refusal and the same work for every cause: who exists is never said. The attempt is counted first, under the identifier's
index, whether or not somebody has it; success gives it back.
"""

from collections.abc import Sequence

from mycvault.accounts import addressing
from mycvault.accounts import service as accounts
from mycvault.codes import rules as code_rules
from mycvault.codes import service as codes
from mycvault.codes.model import CodePurpose, CodeRequired
from mycvault.consent import service as consent
from mycvault.credentials import service as credentials
from mycvault.desk import Call
from mycvault.directory import rules as directory_rules
from mycvault.errors import SignInRefused, TermsRequired
from mycvault.sessions import service as sessions
from mycvault.sessions.model import SessionRecord
from mycvault.stories import beginning, judging, settling, stepping
from mycvault.throttle import service as throttle
from mycvault.throttle.model import Bucket
from mycvault.values.addresses import identifier_key
from mycvault.values.choices import Assurance, Channel
from mycvault.values.secret import Secret

Opened = tuple[SessionRecord, Secret]


def sign_in(call: Call, identifier: str, password: str) -> Opened | CodeRequired:
    """Judge identifier and password; SignInRefused for every cause, TooManyAttempts."""
    key = identifier_key(identifier, country=call.policy.legal.country)
    with call.attempt() as attempt:
        filled = throttle.tiers(
            attempt.rows, call.policy.throttle, who=key, caller=call.caller, now=call.now
        )
        attempt.concerns(about=throttle.pseudonym(attempt.rows, key))
        throttle.count(attempt.rows, filled, now=call.now)
    with call.look() as look:
        account_id = accounts.whose(look, key)
        look.concerns(account_id or "")
        stored = credentials.stored_hash(look, account_id)
    if not judging.matches(call, filled, stored, password) or account_id is None:
        raise SignInRefused
    assert stored is not None
    try:
        return _enter(call, filled, account_id, stored, password)
    except SignInRefused:
        # Another sign-in may have made her hash anew at this very moment: it is the same password.
        with call.look() as look:
            newer = credentials.stored_hash(look, account_id)
        if newer in {None, stored} or not judging.matches(call, filled, newer, password):
            raise
        return _enter(call, filled, account_id, str(newer), password)


def look_up(call: Call, token: str) -> CodeRequired:
    """Show a code request again, using nothing; CodeExpired."""
    with call.look() as look:
        challenge = codes.find(look, token, CodePurpose.SIGN_IN)
        steps = stepping.steps(look, challenge.subject)
        return stepping.shown(look, steps, challenge, token)


def resend(call: Call, token: str, channel: Channel | None) -> CodeRequired:
    """Send another code, by another channel if asked; the earlier ones stay good. CodeExpired, TooManyAttempts, InvalidInput."""
    with call.look() as look:
        challenge = codes.find(look, token, CodePurpose.SIGN_IN)
        steps = stepping.steps(look, challenge.subject)
    way = code_rules.parse_way(challenge.channel if channel is None else channel, steps.ways)
    with call.act() as act:
        caller = call.caller.completed(challenge.caller)
        return stepping.ask(act, steps, CodePurpose.SIGN_IN, way, again=True, caller=caller)


def confirm(call: Call, token: str, code: str) -> Opened:
    """Judge the code; CodeRefused, CodeExpired, TooManyAttempts."""
    with call.look() as look:
        challenge = codes.find(look, token, CodePurpose.SIGN_IN)
        look.concerns(challenge.subject)
    passed = stepping.judge(call, challenge, code)
    with call.act() as act:
        accounts.keep_standing(act, challenge.subject)
        assurance = stepping.take(act, passed)
        addressing.prove_adopted(act, challenge.subject, challenge.address)
        caller = call.caller.completed(challenge.caller)
        return beginning.begin(act, caller, challenge.subject, assurance)


def resume(call: Call, token: str) -> SessionRecord:
    """Find the live session of a token; SessionEnded."""
    with call.look() as look:
        session = sessions.resume(look, token)
        stale = sessions.is_stale(look, session)
    if not stale:
        return session
    with call.act() as act:
        return sessions.touch(act, session)


def accept_terms(call: Call, session_id: str, version: str, *, locale: str) -> SessionRecord:
    """Accept the terms that are pending; TermsRequired when *version* is not the current one."""
    locale = directory_rules.parse_locale(locale)
    with call.look() as look:
        session = sessions.admit(look, session_id)
        terms = consent.shown(look, version=None, locale=locale)
    if terms is not None and terms.version != version:
        raise TermsRequired(terms)
    with call.act() as act:
        if terms is not None and consent.pending(act, session.account_id, locale=locale):
            consent.accept(act, session.account_id, terms, call.caller)
        act.record(session.account_id, session=session.id)
        return sessions.accept_terms(act, session)


def end(call: Call, session_id: str) -> None:
    """End a session; SessionEnded when it is over already."""
    with call.look() as look:
        session = sessions.admit(look, session_id)
    with call.act() as act:
        sessions.end(act, session_id)
        act.record(session.account_id, session=session_id)


def _enter(
    call: Call, filled: Sequence[Bucket], account_id: str, stored: str, password: str
) -> Opened | CodeRequired:
    """Go on to the next step behind a right password; SignInRefused when *stored* is not hers any more."""
    renewed = judging.renewed(call, filled, stored, password)
    settling.settle(call, account_id)
    with call.look() as look:
        steps = stepping.steps(look, account_id)
    way = steps.first(call.policy.second_factor)
    with call.act() as act:
        throttle.succeed(act.rows, filled)
        credentials.keep(act, account_id, stored)
        if renewed is not None:
            credentials.renew(act, account_id, stored, renewed)
        if way is None:
            return beginning.begin(act, call.caller, account_id, Assurance.PASSWORD)
        return stepping.ask(act, steps, CodePurpose.SIGN_IN, way, caller=call.caller)
