"""
She looks after what she proves herself with beside her password: an authenticator app, ten recovery codes.

An app counts from its first code on; until then whatever she had stands. Each change needs a fresh session, is told to every
address she proved, and is made under her account's own row, so that two at once come one after the other. A new app ends her
other sessions and every code on its way: what began without it would be weaker. None of it waits for new terms to be accepted.
"""

import attrs

from mycvault.accounts import service as accounts
from mycvault.act import Act, Look
from mycvault.codes import rules as code_rules
from mycvault.codes import service as codes
from mycvault.codes.model import CodePurpose
from mycvault.desk import Call
from mycvault.errors import CodeExpired
from mycvault.factors import service as factors
from mycvault.factors.enrolment import AppEnrolment
from mycvault.factors.model import App
from mycvault.sessions import service as sessions
from mycvault.sessions.model import SessionRecord
from mycvault.stories import admitting
from mycvault.stories.admitting import Admission
from mycvault.stories.alerting import alert
from mycvault.values.choices import Alert, Assurance
from mycvault.values.secret import Secret


@attrs.frozen(kw_only=True)
class Confirmed:
    """An app that is hers now: the session with its new token, and the recovery codes, given once."""

    session: SessionRecord
    token: Secret | None
    codes: list[str] = attrs.field(repr=False)


def enrol_app(call: Call, session_id: str) -> AppEnrolment:
    """Begin to enrol an app, in place of any that is pending. FreshConfirmationRequired, SessionEnded."""
    with call.look() as look:
        admission = admitting.admit_fresh(look, session_id, despite_terms=True)
    with call.act() as act:
        accounts.take(act, admission.account_id)
        app = factors.enrol(act, admission.account_id, session=session_id)
        admitting.touch(act, admission)
        return _shown(act, app)


def pending_app(call: Call, session_id: str) -> AppEnrolment | None:
    """Show the app again that this session began to enrol. FreshConfirmationRequired, SessionEnded."""
    with call.look() as look:
        admission = admitting.admit_fresh(look, session_id, despite_terms=True)
        app = factors.pending(look, admission.account_id, session=session_id)
        return None if app is None else _shown(look, app)


def confirm_app(call: Call, session_id: str, code: str) -> Confirmed:
    """
    Judge the first code of the app that is pending, and make it hers, with ten recovery codes.

    Raises:
        CodeRefused: Not the code; it stays pending.
        CodeExpired: None is pending, or no longer: enrol it again.
        TooManyAttempts: Five tries within the hour.
        FreshConfirmationRequired, SessionEnded: The session does not do it.
    """
    with call.look() as look:
        admission = admitting.admit_fresh(look, session_id, despite_terms=True)
        app = factors.pending(look, admission.account_id, session=session_id)
        if app is None:
            raise CodeExpired(field="code")
    account_id = admission.account_id
    with call.attempt() as attempt:
        left = codes.count_try(attempt, account_id, CodePurpose.CONFIRM_APP)
    with call.look() as look:
        answer = factors.match_app(look, app, code_rules.typed(code), tries_left=left)
    with call.act() as act:
        accounts.take(act, account_id)
        # Requests before factors, as a sign-in takes them: two that cross must not wait for each other.
        codes.forget(act, account_id)
        codes.forget_tries(act, account_id, CodePurpose.CONFIRM_APP)
        factors.confirm(act, account_id, answer)
        accounts.set_strongest(act, account_id, app=True)
        recovery = factors.renew_codes(act, account_id)
        ended = sessions.end_others(act, admission.session)
        session, token = sessions.raised(act, admission.session, Assurance.MULTI_FACTOR)
        act.record(account_id, sessions=str(ended))
        alert(act, account_id, Alert.APP_ADDED)
        return Confirmed(session=session, token=token, codes=recovery)


def remove_app(call: Call, session_id: str) -> None:
    """Remove her app, or the one pending, and her recovery codes. FreshConfirmationRequired, SessionEnded."""
    with call.look() as look:
        admission = admitting.admit_fresh(look, session_id, despite_terms=True)
    account_id = admission.account_id
    with call.act() as act:
        accounts.take(act, account_id)
        had_app = factors.held(act, account_id).app_since is not None
        if had_app:
            codes.forget(act, account_id)
        factors.forget(act, account_id)
        if had_app:
            accounts.set_strongest(act, account_id, app=False)
            alert(act, account_id, Alert.APP_REMOVED)
        _record(act, admission)


def new_recovery_codes(call: Call, session_id: str) -> list[str]:
    """Make ten recovery codes in place of those she had. FreshConfirmationRequired, SessionEnded."""
    with call.look() as look:
        admission = admitting.admit_fresh(look, session_id, despite_terms=True)
    with call.act() as act:
        accounts.take(act, admission.account_id)
        written = factors.renew_codes(act, admission.account_id)
        alert(act, admission.account_id, Alert.RECOVERY_CODES_RENEWED)
        _record(act, admission)
        return written


def _record(act: Act, admission: Admission) -> None:
    act.record(admission.account_id, session=admission.session.id)
    admitting.touch(act, admission)


def _shown(look: Look, app: App) -> AppEnrolment:
    emails = accounts.proved(look, app.account_id, accounts.EMAIL)
    owner = accounts.account(look, app.account_id)
    label = emails[-1] if emails else f"{owner.given_name} {owner.family_name}"
    return factors.shown(app, issuer=look.policy.issuer, account=label)
