"""
She signs in: identifier and password, then a code.

One refusal and the same work for every cause: who exists is never said. The attempt is counted first, under the identifier's
index, whether or not somebody has it; success gives it back.
"""

from mycvault.accounts import service as accounts
from mycvault.act import Act
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
from mycvault.stories import judging, recognising, stepping
from mycvault.throttle import service as throttle
from mycvault.values.addresses import identifier_key
from mycvault.values.caller import Caller
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
        stored = None if account_id is None else credentials.stored_hash(look, account_id)
        look.concerns(account_id or "")
    if not judging.matches(call, filled, stored, password) or account_id is None:
        raise SignInRefused
    with call.look() as look:
        steps = stepping.steps(look, account_id)
    way = steps.first(call.policy.second_factor)
    with call.act() as act:
        throttle.succeed(act.rows, filled)
        credentials.keep(act, account_id, stored)
        if way is None:
            return _start(act, call.caller, account_id, Assurance.PASSWORD)
        return stepping.ask(act, steps, CodePurpose.SIGN_IN, way, caller=call.caller)


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
        assurance = stepping.take(act, passed)
        caller = call.caller.completed(challenge.caller)
        return _start(act, caller, challenge.subject, assurance)


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


def _start(act: Act, caller: Caller, account_id: str, assurance: Assurance) -> Opened:
    recognising.recognise(act, account_id, caller)
    owner = accounts.account(act, account_id)
    terms = consent.pending(act, account_id, locale=owner.locale)
    return sessions.start(
        act,
        account_id,
        assurance,
        caller=caller,
        terms_pending=None if terms is None else terms.version,
    )
