"""A live session is admitted, in every call of a safe; and what a session shows of its holder."""

import datetime as dt
from collections.abc import Sequence

import attrs

from mycvault.accounts import service as accounts
from mycvault.accounts.model import Holder
from mycvault.act import Act, Look
from mycvault.consent import service as consent
from mycvault.delivery import rules as delivery_rules
from mycvault.delivery import service as delivery
from mycvault.delivery.model import Objection
from mycvault.desk import Call
from mycvault.directory import service as directory
from mycvault.errors import (
    AccountDisabled,
    FreshConfirmationRequired,
    SessionEnded,
    Terms,
    TermsRequired,
)
from mycvault.sessions import service as sessions
from mycvault.sessions.model import SessionRecord
from mycvault.values.choices import DeliveryMode


@attrs.frozen(kw_only=True)
class Admission:
    """
    A session that was live when this call looked.

    *places*: what it opens, its safes, and the account for her own documents. *stale*: its last use is worth writing down again.
    """

    session: SessionRecord
    places: Sequence[str]
    stale: bool

    @property
    def account_id(self) -> str:
        """Give the account that is signed in."""
        return self.session.account_id


@attrs.frozen(kw_only=True)
class Employment:
    """
    One employer of hers: *employer* is its reference; *mode* is how its payslips reach her today.

    *objection*: the one by which they are paper, or will be; None while they are electronic.
    """

    employer: str
    employer_name: str
    matricule: str = attrs.field(repr=False)
    employee_id: str
    mode: DeliveryMode
    objection: Objection | None = None


@attrs.frozen(kw_only=True)
class Standing:
    """What a session shows: its holder, her employments, the terms she has yet to accept, and until when it idles."""

    session: SessionRecord
    holder: Holder
    employments: tuple[Employment, ...]
    terms: Terms | None
    idle_until: dt.datetime


def admit(look: Look, session_id: str) -> Admission:
    """
    Admit a session to its safe.

    Raises:
        SessionEnded: It is over.
        AccountDisabled: Support suspended her account.
        TermsRequired: New terms of use were published since; carries the text.
    """
    admission = admit_despite_terms(look, session_id)
    session = admission.session
    if session.terms_pending is not None:
        owner = accounts.account(look, session.account_id)
        terms = consent.pending(look, session.account_id, locale=owner.locale)
        if terms is not None:
            raise TermsRequired(terms)
    return admission


def admit_despite_terms(look: Look, session_id: str, *, exports: bool = False) -> Admission:
    """
    Admit a session to what is hers by law, whatever terms she has yet to accept: to leave, and to choose paper.

    Exporting, erasing and refusing electronic payslips must not cost her an agreement (GDPR, art. 7(4), 17 and 20; L3243-2).
    *exports*: it is an export, which a suspended account has too.

    Raises:
        SessionEnded: It is over.
        AccountDisabled: Support suspended her account.
    """
    session = sessions.admit(look, session_id)
    if session.limited_to is not None and not exports:
        raise AccountDisabled
    held = accounts.safes_of(look, session.account_id)
    return Admission(
        session=session,
        places=[*(safe.id for safe in held), session.account_id],
        stale=sessions.is_stale(look, session),
    )


def admit_fresh(look: Look, session_id: str, *, despite_terms: bool = False) -> Admission:
    """Admit a session to a sensitive verb; FreshConfirmationRequired when she did not confirm of late that it is she."""
    admission = (admit_despite_terms if despite_terms else admit)(look, session_id)
    return refuse_stale(look, admission)


def admit_to_export(look: Look, session_id: str) -> Admission:
    """Admit a session to an export, suspended or not; FreshConfirmationRequired, SessionEnded."""
    return refuse_stale(look, admit_despite_terms(look, session_id, exports=True))


def refuse_stale(look: Look, admission: Admission) -> Admission:
    """Make sure that she confirmed of late that it is she."""
    look.concerns(admission.account_id)
    if not sessions.is_fresh(look, admission.session):
        raise FreshConfirmationRequired
    return admission


def refuse_erased(call: Call, account_id: str) -> None:
    """Make sure that an account is not erased; SessionEnded when it is."""
    with call.look() as look:
        if accounts.is_erased(look, account_id):
            raise SessionEnded


def keep_alive(call: Call, admission: Admission) -> None:
    """Write down that the session is used, once a minute at most."""
    if admission.stale:
        with call.act() as act:
            touch(act, admission)


def touch(act: Act, admission: Admission) -> None:
    """Write down, within an act, that the session is used."""
    sessions.touch(act, admission.session)


def standing(call: Call, session: SessionRecord) -> Standing:
    """Find what a session shows; her employers' keys are brought to hand first."""
    with call.look() as look:
        held = accounts.safes_of(look, session.account_id)
    call.keys.bring(*{safe.employer_id for safe in held})
    call.keys.keep_only(session.account_id, [safe.id for safe in held])
    with call.look() as look:
        holder = accounts.holder(look, session.account_id)
        employers = directory.employers(look, {safe.employer_id for safe in held})
        records = directory.by_ids(look, [safe.record_id for safe in held])
        today = directory.today(look)
        refusing = [record for record in records.values() if record.paper_from is not None]
        declared = {record.id: record.declarations for record in refusing}
        objections = delivery.objections_in_force(look, declared, today)
        # An employment that support took off her account has another safe now; its documents are hers still.
        held = [safe for safe in held if records[safe.record_id].safe_id == safe.id]
        idle_until = sessions.idle_until(look, session)
        terms = None
        if session.terms_pending is not None:
            terms = consent.pending(look, session.account_id, locale=holder.locale)
    employments = tuple(
        Employment(
            employer=employers[safe.employer_id].reference,
            employer_name=employers[safe.employer_id].name,
            matricule=records[safe.record_id].matricule,
            employee_id=safe.record_id,
            mode=delivery_rules.mode_now(records[safe.record_id].paper_from, today),
            objection=objections.get(safe.record_id),
        )
        for safe in held
    )
    return Standing(
        session=session,
        holder=holder,
        employments=employments,
        terms=terms,
        idle_until=idle_until,
    )
