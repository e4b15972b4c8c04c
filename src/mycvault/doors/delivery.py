"""Electronic or paper: what HR records of it, and asks. No verb here needs an account of the employee's."""

import datetime as dt
from contextlib import AbstractContextManager

from mycvault.delivery import rules
from mycvault.delivery.model import Notice, Objection, What
from mycvault.desk import Call, Desk
from mycvault.directory.model import Employee, EmployerRecord
from mycvault.links.model import Link
from mycvault.stories import recording
from mycvault.values.actors import Actor
from mycvault.values.choices import Channel, DeliveryMode
from mycvault.values.content import Content
from mycvault.values.verbs import Verb


class Delivery:
    """
    How one employer's payslips reach its people, from `Employer.delivery`.

    Electronic by default, unless she objects (Labour Code, L3243-2); a notice comes one month before the first electronic
    payslip, or at hiring (D3243-7). Days are civil days of the legal profile's zone. For every declaration she is sent a dated
    receipt, at her own address once she joined, else at the one on record. The same declaration again is the same one: nothing is
    written, nobody is told twice. *evidence*: bytes, a path, or a binary file: PDF, PNG, JPEG or plain text, kept sealed with
    its digest.
    """

    def __init__(self, desk: Desk, record: EmployerRecord, clerk: Actor) -> None:
        self._desk = desk
        self._record = record
        self._clerk = clerk

    def __repr__(self) -> str:
        return f"Delivery({self._record.id!r})"

    def record_notice(
        self, matricule: str, *, on: dt.date, means: str, evidence: Content | None = None
    ) -> Notice:
        """
        Record that she was told that payslips will be electronic, and that she may object.

        *on*: the certain date, today or before. *means*: how she was told ("letter", "e-mail", "by hand"), 1 to 200 characters.

        Raises:
            EmployeeMissing: No such matricule.
            InvalidInput: *on* lies in the future or is no date, *means* is none, or *evidence* cannot be read.
            UnacceptableContent: The evidence is empty, too large or of another type.
        """
        with self._call(Verb.RECORD_NOTICE) as call:
            declared = recording.record(
                call,
                self._record,
                matricule,
                What.NOTICE,
                on=on,
                means=means,
                evidence=evidence,
            )
        return rules.notice(declared)

    def record_objection(
        self,
        matricule: str,
        *,
        on: dt.date,
        means: str,
        evidence: Content | None = None,
        effective_on: dt.date | None = None,
    ) -> Objection:
        """
        Record that she objects to electronic payslips, whenever and however she did.

        *on*: the certain date, today or before, also one that was learnt of late. *effective_on*: a later day from which
        payroll can hand over paper, at the latest three calendar months after *on*; at once when left out (D3243-7).

        Raises:
            EmployeeMissing: No such matricule.
            InvalidInput: *on* lies in the future, *effective_on* outside its three months, or a value is none.
            UnacceptableContent: The evidence is empty, too large or of another type.
        """
        with self._call(Verb.RECORD_OBJECTION) as call:
            declared = recording.record(
                call,
                self._record,
                matricule,
                What.OBJECTION,
                on=on,
                means=means,
                evidence=evidence,
                effective_on=effective_on,
            )
        return rules.objection(declared)

    def record_return_to_electronic(
        self, matricule: str, *, on: dt.date, means: str, evidence: Content | None = None
    ) -> None:
        """
        Record that she comes back to electronic payslips, from the day *on*, today or before.

        Raises:
            EmployeeMissing: No such matricule.
            InvalidInput: *on* lies in the future, or a value is none.
            UnacceptableContent: The evidence is empty, too large or of another type.
        """
        with self._call(Verb.RECORD_RETURN) as call:
            recording.record(
                call, self._record, matricule, What.RETURN, on=on, means=means, evidence=evidence
            )

    def refusal_link(self, matricule: str, *, by: Channel | str = Channel.EMAIL) -> Link:
        """
        Queue a letter with a link by which she refuses without an account, good for `Policy.refusal_lifetime`.

        An earlier link dies. The token is handed out for `Channel.LETTER` only, to be printed, or when
        `Policy.hand_out_links` is set.

        Raises:
            EmployeeMissing: No such matricule.
            AddressMissing: No address on record for *by*.
            InvalidInput: *by* is not e-mail, SMS or letter.
        """
        with self._call(Verb.SEND_REFUSAL_LINK) as call:
            return recording.refusal_link(call, self._record, matricule, by=by)

    def mode(self, matricule: str, *, on: dt.date | None = None) -> DeliveryMode:
        """Tell how payslips reach her on any day, past or to come; today when left out. EmployeeMissing, InvalidInput."""
        with self._call(Verb.LOOK_UP_DELIVERY) as call:
            return recording.mode(call, self._record, matricule, on=on)

    def first_electronic_payslip(self, matricule: str) -> dt.date | None:
        """
        Tell the earliest lawful day of an electronic payslip; None without a notice. EmployeeMissing.

        One month after the notice, or the day of hiring for a notice given by then (D3243-7).
        """
        with self._call(Verb.LOOK_UP_DELIVERY) as call:
            return recording.first_electronic(call, self._record, matricule)

    def paper_list(self, *, on: dt.date | None = None) -> list[Employee]:
        """List whose payslips are paper on any day, today when left out, in the order of their enrolment. InvalidInput."""
        with self._call(Verb.LOOK_UP_DELIVERY) as call:
            return recording.paper_list(call, self._record, on=on)

    def history(self, matricule: str) -> list[Notice | Objection]:
        """List every notice and objection by its day, an objection with the day she returned. EmployeeMissing."""
        with self._call(Verb.LOOK_UP_DELIVERY) as call:
            return recording.history(call, self._record, matricule)

    def _call(self, verb: Verb) -> AbstractContextManager[Call]:
        return self._desk.call(verb, by=self._clerk)
