"""
A second employer's documents join the safe she has.

All that an activation asks is asked here too, but for a password: she is signed in, in two steps, and confirmed it a moment ago.
Her new employer sees an activation like any other; whether she had a safe before, it does not learn.
"""

import datetime as dt

from mycvault.accounts import service as accounts
from mycvault.codes import service as codes
from mycvault.desk import Call
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.errors import FreshConfirmationRequired
from mycvault.links import service as links
from mycvault.sessions import service as sessions
from mycvault.sessions.model import SessionRecord
from mycvault.stories import admitting, alerting, arriving
from mycvault.values.choices import Alert, Assurance


def join(
    call: Call,
    token: str,
    session_id: str,
    *,
    family_name: str,
    birth_date: dt.date | None,
    activation_code: str | None,
    code: str | None,
) -> SessionRecord:
    """
    Join what a link leads to to the safe of a session.

    Raises:
        SessionEnded, TermsRequired: The session does not do it.
        FreshConfirmationRequired: It was not confirmed of late, or by a password alone.
        LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated: The link does not open it.
        InvalidInput: The name is none; nothing is counted.
        IdentityMismatch, CodeRefused: Not the person on record, or not the code; counted.
        CodeExpired, TooManyAttempts: A new code, or a pause.
    """
    with call.look() as look:
        admission = admitting.admit_fresh(look, session_id)
    if admission.session.assurance is Assurance.PASSWORD:
        raise FreshConfirmationRequired
    account_id = admission.account_id
    scene = arriving.find(call, token)
    name = directory_rules.parse_name(family_name, field="family_name")
    arriving.count(call, scene)
    directory_rules.confirm_family_name(scene.record, name)
    arriving.confirm_birth_date(scene, birth_date)
    challenge = arriving.confirm_codes(call, scene, activation_code=activation_code, code=code)
    call.keys.join_account(account_id, scene.safe.id, scene.employer.id, call.now)
    with call.act() as act:
        links.use(act, scene.link, by=account_id, with_others=True)
        directory.mark_joined(act, scene.record)
        accounts.keep_standing(act, account_id)
        sessions.admit(act, session_id)
        accounts.join_safe(act, account_id, scene.safe.id)
        if challenge is not None:
            codes.use(act, challenge)
        alerting.alert(act, account_id, Alert.EMPLOYER_JOINED)
    call.keys.keep_only(account_id, [scene.safe.id])
    return admission.session
