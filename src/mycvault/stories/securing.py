"""
She confirms that it is still she, for verbs that cannot be undone.

Her password, then a code where a sign-in would ask for one; a confirmation counts for `Policy.sessions.fresh`. The code's request
is bound to the session that asked, and opens nothing else. What makes it surer that it is she gives the session another token.
"""

from mycvault.accounts import service as accounts
from mycvault.codes import service as codes
from mycvault.codes.model import CodePurpose, CodeRequired
from mycvault.credentials import service as credentials
from mycvault.desk import Call
from mycvault.errors import CodeExpired, SessionEnded, SignInRefused
from mycvault.sessions import service as sessions
from mycvault.sessions.model import SessionRecord
from mycvault.stories import judging, settling, stepping
from mycvault.throttle import service as throttle
from mycvault.values.secret import Secret

Confirmed = tuple[SessionRecord, Secret | None]


def reconfirm(
    call: Call, session_id: str, password: str
) -> tuple[SessionRecord, CodeRequired | None]:
    """
    Judge her password again; give the session, fresh unless a code is still asked for.

    Raises:
        SessionEnded: The session is over.
        SignInRefused: Not her password; counted.
        TooManyAttempts: Wait for `retry_after`.
    """
    with call.look() as look:
        session = sessions.admit(look, session_id)
        look.concerns(session.account_id)
    with call.attempt() as attempt:
        buckets = throttle.buckets(
            attempt.rows, call.policy.throttle, who="account:" + session.account_id, address=None
        )
        throttle.count(attempt.rows, buckets, now=call.now)
    with call.look() as look:
        stored = credentials.stored_hash(look, session.account_id)
    if not judging.matches(call, buckets, stored, password):
        raise SignInRefused(field="password")
    if settling.settle(call, session.account_id):
        raise SessionEnded
    with call.look() as look:
        steps = stepping.steps(look, session.account_id)
    way = steps.first(call.policy.second_factor)
    with call.act() as act:
        throttle.succeed(act.rows, buckets)
        credentials.keep(act, session.account_id, stored)
        if way is None:
            return sessions.refresh(act, session), None
        asked = stepping.ask(act, steps, CodePurpose.RECONFIRM, way, session=session.id)
        return session, asked


def finish_reconfirm(call: Call, session_id: str, token: str, code: str) -> Confirmed:
    """
    Judge the code of a confirmation; give the session, fresh, and its new token when it is surer now that it is she.

    Raises:
        SessionEnded: The session is over.
        CodeRefused: Not the code.
        CodeExpired: Over, used, unknown, or another session's.
        TooManyAttempts: Five tries within the hour.
    """
    with call.look() as look:
        session = sessions.admit(look, session_id)
        look.concerns(session.account_id)
        challenge = codes.find(look, token, CodePurpose.RECONFIRM)
        if challenge.session != session.id:
            raise CodeExpired
    passed = stepping.judge(call, challenge, code)
    with call.act() as act:
        accounts.keep_standing(act, session.account_id)
        assurance = stepping.take(act, passed)
        session = sessions.refresh(act, session)
        return sessions.raised(act, session, assurance)
