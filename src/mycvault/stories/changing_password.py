"""
She changes her password, by the one she has.

What she can mend alone is told first and counts for nothing; then the current one is counted and judged. The new one ends all her
other sessions and every code on its way, in one act: what somebody began with the old one leads nowhere.
"""

from mycvault.accounts import service as accounts
from mycvault.codes import service as codes
from mycvault.credentials import rules as credential_rules
from mycvault.credentials import service as credentials
from mycvault.credentials import strength
from mycvault.desk import Call
from mycvault.errors import PasswordTooWeak, Reason, SignInRefused
from mycvault.sessions import service as sessions
from mycvault.stories import admitting, alerting, asking_mailbox, judging, stepping
from mycvault.stories.admitting import Admission
from mycvault.throttle import service as throttle
from mycvault.values.choices import Alert


def change_password(call: Call, session_id: str, current: str, new: str) -> None:
    """
    Judge the current password, and give her the new one.

    Raises:
        FreshConfirmationRequired: She did not confirm of late that it is she.
        PasswordTooWeak: The new one; nothing is counted.
        SignInRefused: Not her current password; counted.
        TooManyAttempts: Wait for `retry_after`.
        SessionEnded: The session is over.
    """
    with call.look() as look:
        admission = admitting.admit_fresh(look, session_id, despite_terms=True)
    chosen = _judge_new(call, admission, current, new)
    account_id = admission.account_id
    with call.attempt() as attempt:
        filled = throttle.buckets(
            attempt.rows, call.policy.throttle, who="account:" + account_id, address=None
        )
        throttle.count(attempt.rows, filled, now=call.now)
    with call.look() as look:
        stored = credentials.stored_hash(look, account_id)
    if not judging.matches(call, filled, stored, current) or stored is None:
        raise SignInRefused(field="current")
    with judging.given_back_when_busy(call, filled):
        hashed = call.hasher.hash(chosen)
    with call.act() as act:
        throttle.succeed(act.rows, filled)
        accounts.keep_standing(act, account_id)
        asking_mailbox.void(act, account_id)
        credentials.change(act, account_id, hashed, verified=stored, field="current")
        codes.forget(act, account_id)
        ended = sessions.end_others(act, admission.session)
        act.record(account_id, session=session_id, sessions=str(ended))
        alerting.alert(act, account_id, Alert.PASSWORD_CHANGED, device=call.caller.user_agent or "")
        admitting.touch(act, admission)


def _judge_new(call: Call, admission: Admission, current: str, new: str) -> str:
    standing = admitting.standing(call, admission.session)
    with call.look() as look:
        steps = stepping.steps(look, admission.account_id)
    holder, policy = standing.holder, call.policy
    personal = [holder.given_name, holder.family_name, *holder.emails, holder.phone or ""]
    personal += [employment.employer_name for employment in standing.employments]
    alone = steps.first(policy.second_factor) is None
    chosen = strength.check(new, policy.passwords, alone=alone, personal=personal)
    if chosen == credential_rules.attempted(current, policy.passwords):
        raise PasswordTooWeak((Reason.UNCHANGED,))
    return chosen
