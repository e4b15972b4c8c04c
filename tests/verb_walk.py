"""A walk through every public verb: once so that it succeeds, once so that it is refused."""

import datetime as dt
import io

import kit
import pdf_kit
from mycvault import Deposit, Enrolment
from mycvault.values.verbs import Verb

NOBODY = "00000000-0000-7000-8000-000000000000"
DAY = dt.date(2026, 12, 31)


def verbs_done(house):
    """Walk every public verb once, so that it succeeds: its name in the journal, and a call."""
    vault, acme, joining = house.vault, house.acme, house.vault.joining
    seen = {}

    def keep(name, value):
        seen[name] = value
        return value

    yield Verb.ADD_EMPLOYER, lambda: vault.add_employer("Other", reference="other")
    yield Verb.AMEND_EMPLOYER, lambda: acme.amend_self(name="Acme SA")
    yield Verb.FIND_EMPLOYER, lambda: vault.employer("acme")
    yield Verb.FIND_EMPLOYER, lambda: list(vault.employers())
    yield Verb.PUBLISH_TERMS, lambda: vault.publish_terms("1", "Text.", locale="en")
    yield Verb.READ_TERMS, vault.terms
    yield Verb.ENROL, house.enrolled
    yield Verb.AMEND, lambda: acme.amend("A-0042", locale="en")
    yield Verb.RECORD_LEAVING, lambda: acme.record_leaving("A-0042", DAY)
    yield Verb.SYNC, lambda: acme.sync([Enrolment("A-9", given_name="Noé", family_name="Modèle")])
    yield Verb.LOOK_UP_EMPLOYEE, lambda: acme.employee("A-0042")
    yield Verb.LOOK_UP_EMPLOYEE, acme.employees
    yield Verb.INVITE, lambda: acme.invite("A-0042")
    yield Verb.REVOKE_INVITATION, lambda: acme.revoke_invitation("A-0042")
    yield Verb.INVITE, lambda: keep("link", house.invited_token())
    yield Verb.DELIVER_LETTERS, house.post
    yield Verb.DEPOSIT, lambda: acme.deposit("A-0042", kit.pdf(), kind="payslip")
    yield Verb.LIST_DEPOSITS, acme.deposits
    given = Deposit("A-0042", kit.pdf(mark="try"), kind="contract")
    yield Verb.JUDGE_DEPOSIT, lambda: list(acme.deposit_each([given], dry_run=True))
    yield Verb.DEPOSIT, lambda: keep("wrong", acme.deposit_many([given]).receipts[0].document_id)
    yield Verb.SPLIT, lambda: acme.split(pdf_kit.payroll("A-0042"), kind="payslip")
    yield Verb.WITHDRAW, lambda: acme.withdraw(seen["wrong"], reason="another person's")
    yield Verb.COUNT, acme.statistics
    yield Verb.COUNT, acme.undelivered
    said = {"on": kit.START.date(), "means": "letter"}
    scan = {**said, "evidence": kit.pdf(mark="signed")}
    yield (
        Verb.RECORD_NOTICE,
        lambda: keep("proof", acme.delivery.record_notice("A-0042", **scan).evidence_sha256),
    )
    yield Verb.RECORD_OBJECTION, lambda: acme.delivery.record_objection("A-0042", **said)
    yield Verb.RECORD_RETURN, lambda: acme.delivery.record_return_to_electronic("A-0042", **said)
    yield Verb.LOOK_UP_DELIVERY, lambda: acme.delivery.mode("A-0042")
    yield Verb.LOOK_UP_DELIVERY, lambda: acme.delivery.first_electronic_payslip("A-0042")
    yield Verb.LOOK_UP_DELIVERY, acme.delivery.paper_list
    yield Verb.LOOK_UP_DELIVERY, lambda: acme.delivery.history("A-0042")
    yield (
        Verb.SEND_REFUSAL_LINK,
        lambda: keep("refusal", acme.delivery.refusal_link("A-0042").token.reveal()),
    )
    yield Verb.LOOK_UP_REFUSAL, lambda: joining.look_up_refusal(seen["refusal"])
    for _ in range(2):
        yield (
            Verb.REFUSE_ELECTRONIC,
            lambda: joining.refuse_electronic(seen["refusal"], family_name=kit.FAMILY),
        )
    yield Verb.LOOK_UP_LINK, lambda: joining.look_up(seen["link"])
    yield Verb.SEND_CODE, lambda: joining.send_code(seen["link"])
    yield Verb.DELIVER_LETTERS, house.post
    answers = {"code": None, "accept_terms": "1", "email": "private@example.org"}
    yield (
        Verb.ACTIVATE,
        lambda: keep(
            "session", house.activated(token=seen["link"], **{**answers, "code": house.code()})
        ),
    )
    yield (
        Verb.CONFIRM_ADDRESS,
        lambda: vault.confirm_address(
            house.sent("confirm-address")[0].context["link"].rpartition("/")[2]
        ),
    )
    yield Verb.END_SESSION, seen["session"].end
    yield Verb.SIGN_IN, lambda: keep("asked", house.asked("private@example.org").challenge)
    yield Verb.LOOK_UP_CODE, lambda: vault.look_up_code(seen["asked"])
    house.clock.advance(kit.MINUTE)
    yield Verb.RESEND_CODE, lambda: keep("again", vault.resend_code(seen["asked"]).challenge)
    vault.publish_terms("2", "Other text.", locale="en")
    yield (
        Verb.CONFIRM_CODE,
        lambda: keep("session", vault.confirm_code(seen["again"], house.code())),
    )
    yield Verb.ACCEPT_TERMS, lambda: seen["session"].accept_terms("2")
    yield Verb.RESUME, lambda: vault.resume(seen["session"].token.reveal())
    safe = seen["session"].safe
    yield Verb.ADD, lambda: keep("note", safe.add(b"A note.", title="Note").id)
    yield Verb.LIST, safe.documents
    yield Verb.LIST, safe.payslips
    yield Verb.LIST, safe.count
    yield Verb.LIST, safe.labels
    yield Verb.LIST, lambda: safe.document(seen["note"])
    yield Verb.READ_HISTORY, safe.history
    yield Verb.OPEN, lambda: safe.open(seen["note"])
    yield Verb.CHECK, lambda: safe.check(seen["note"])
    yield Verb.RENAME, lambda: safe.rename(seen["note"], "Other")
    yield Verb.LABEL, lambda: safe.label(seen["note"], "flat", "bank")
    yield Verb.UNLABEL, lambda: safe.unlabel(seen["note"], "flat")
    yield Verb.ARCHIVE, lambda: safe.archive(seen["note"])
    yield Verb.UNARCHIVE, lambda: safe.unarchive(seen["note"])
    yield Verb.DISCARD, lambda: safe.discard(seen["note"])
    yield Verb.RESTORE, lambda: safe.restore(seen["note"])
    letter = house.rows("SELECT id FROM mycvault_letters LIMIT 1")[0][0]
    yield Verb.REPORT_LETTER, lambda: vault.outbox.report(letter, "delivered")
    yield Verb.LIST, safe.years
    yield Verb.REFUSE_ELECTRONIC, lambda: safe.refuse_electronic("acme")
    yield Verb.RETURN_TO_ELECTRONIC, lambda: safe.return_to_electronic("acme")
    yield Verb.LIST_ACCEPTANCES, vault.acceptances
    yield Verb.HOLD, lambda: vault.upkeep.hold("acme", "A-0042", reason="a dispute")
    yield Verb.RELEASE, lambda: vault.upkeep.release("acme", "A-0042", reason="it is over")
    yield Verb.PURGE, lambda: vault.upkeep.purge(dry_run=False)
    yield Verb.ERASE_AGAIN, lambda: vault.upkeep.erase_again(dry_run=False)
    yield Verb.ROTATE_KEYS, vault.upkeep.rotate_keys
    yield Verb.SWEEP, lambda: vault.upkeep.sweep(grace=dt.timedelta())
    yield Verb.CHECK_VAULT, vault.upkeep.check
    yield Verb.COMPACT, vault.upkeep.compact
    yield (
        Verb.OPEN_EVIDENCE,
        lambda: vault.upkeep.open_evidence("acme", "A-0042", seen["proof"], reason="a dispute"),
    )
    yield Verb.DESCRIBE, vault.upkeep.information_notice
    yield Verb.DESCRIBE, vault.upkeep.technical_file
    house.clock.advance(kit.MINUTE)
    yield (
        Verb.RECONFIRM,
        lambda: keep("fresh", seen["session"].reconfirm(kit.PASSWORD).challenge),
    )
    yield (
        Verb.FINISH_RECONFIRM,
        lambda: seen["session"].finish_reconfirm(seen["fresh"], house.code()),
    )
    security = seen["session"].security
    other = "sapphire-meadow-compass-41"
    yield Verb.CHANGE_PASSWORD, lambda: security.change_password(kit.PASSWORD, other)
    yield Verb.LIST_SESSIONS, lambda: keep("ids", [one.id for one in security.sessions()])
    yield Verb.END_OTHER_SESSIONS, security.end_other_sessions
    ended = house.rows("SELECT id FROM mycvault_sessions WHERE ended_at IS NOT NULL")[0][0]
    yield Verb.END_SESSION, lambda: security.end_session(ended)
    yield Verb.DESTROY, lambda: safe.destroy(seen["note"])
    yield Verb.EXPORT, lambda: safe.export(io.BytesIO())
    closing = dt.date(2027, 3, 1)
    yield Verb.ANNOUNCE_CLOSURE, lambda: vault.upkeep.announce_closure("acme", on=closing)
    yield Verb.ERASE_ACCOUNT, seen["session"].security.erase_account


def verbs_refused(house):
    """Walk every public verb once, so that it is refused."""
    vault, acme, joining = house.vault, house.acme, house.vault.joining
    session = house.joined()
    safe, pdf = session.safe, kit.pdf()
    ended = house.signed_in()
    ended.end()
    typed = {"password": "x", "given_name": "x", "family_name": "x", "email": "x"}

    yield Verb.ADD_EMPLOYER, lambda: vault.add_employer("Acme", reference="acme")
    yield Verb.AMEND_EMPLOYER, lambda: acme.amend_self(name=" ")
    yield Verb.FIND_EMPLOYER, lambda: vault.employer("nobody")
    yield Verb.PUBLISH_TERMS, lambda: vault.publish_terms("", "")
    yield Verb.ENROL, house.enrolled
    yield Verb.AMEND, lambda: acme.amend("A-0042", email="x")
    yield Verb.RECORD_LEAVING, lambda: acme.record_leaving("B", DAY)
    bad = Enrolment("A-9", given_name=" ", family_name="Modèle")
    yield Verb.SYNC, lambda: refuse_row(acme.sync([bad]))
    yield Verb.LOOK_UP_EMPLOYEE, lambda: acme.employee("B")
    yield Verb.INVITE, lambda: acme.invite("A-0042")
    yield Verb.REVOKE_INVITATION, lambda: acme.revoke_invitation("A-0042")
    yield Verb.DEPOSIT, lambda: acme.deposit("A-0042", pdf, kind="novel")
    yield Verb.LIST_DEPOSITS, lambda: acme.deposits(matricule="B")
    given = Deposit("B", pdf, kind="contract")
    for dry_run, verb in ((True, Verb.JUDGE_DEPOSIT), (False, Verb.DEPOSIT)):
        yield verb, lambda dry_run=dry_run: refuse(acme.deposit_each([given], dry_run=dry_run))
    yield Verb.SPLIT, lambda: acme.split(b"no PDF", kind="payslip")
    yield Verb.WITHDRAW, lambda: acme.withdraw(NOBODY, reason="why")
    yield Verb.COUNT, lambda: acme.undelivered(limit=0)
    said = {"on": DAY, "means": "letter"}
    yield Verb.RECORD_NOTICE, lambda: acme.delivery.record_notice("A-0042", **said)
    yield Verb.RECORD_OBJECTION, lambda: acme.delivery.record_objection("A-0042", **said)
    yield Verb.RECORD_RETURN, lambda: acme.delivery.record_return_to_electronic("A-0042", **said)
    yield Verb.SEND_REFUSAL_LINK, lambda: acme.delivery.refusal_link("A-0042", by="pigeon")
    yield Verb.LOOK_UP_DELIVERY, lambda: acme.delivery.mode("B")
    yield Verb.LOOK_UP_REFUSAL, lambda: joining.look_up_refusal("x")
    yield Verb.REFUSE_ELECTRONIC, lambda: joining.refuse_electronic("x", family_name="x")
    yield Verb.LOOK_UP_LINK, lambda: joining.look_up("x")
    yield Verb.SEND_CODE, lambda: joining.send_code("x")
    yield Verb.ACTIVATE, lambda: joining.complete("x", **typed)
    yield Verb.CONFIRM_ADDRESS, lambda: vault.confirm_address("x")
    yield Verb.SIGN_IN, lambda: vault.sign_in(kit.EMAIL, "x")
    yield Verb.LOOK_UP_CODE, lambda: vault.look_up_code("x")
    yield Verb.RESEND_CODE, lambda: vault.resend_code("x")
    yield Verb.CONFIRM_CODE, lambda: vault.confirm_code("x", "123456")
    yield Verb.RESUME, lambda: vault.resume("x")
    yield Verb.END_SESSION, ended.end
    yield Verb.END_SESSION, lambda: session.security.end_session(NOBODY)
    yield Verb.LIST_SESSIONS, ended.security.sessions
    yield Verb.END_OTHER_SESSIONS, ended.security.end_other_sessions
    yield Verb.CHANGE_PASSWORD, lambda: session.security.change_password(kit.PASSWORD, "short")
    yield Verb.ACCEPT_TERMS, lambda: ended.accept_terms("1")
    yield Verb.LIST, lambda: safe.document(NOBODY)
    yield Verb.READ_HISTORY, lambda: safe.history(limit=0)
    yield Verb.OPEN, lambda: safe.open(NOBODY)
    yield Verb.CHECK, lambda: safe.check(NOBODY)
    yield Verb.ADD, lambda: safe.add(b"", title="Note")
    yield Verb.RENAME, lambda: safe.rename(NOBODY, "Other")
    yield Verb.LABEL, lambda: safe.label(NOBODY, "flat")
    yield Verb.UNLABEL, lambda: safe.unlabel(NOBODY, "flat")
    yield Verb.ARCHIVE, lambda: safe.archive(NOBODY)
    yield Verb.UNARCHIVE, lambda: safe.unarchive(NOBODY)
    yield Verb.DISCARD, lambda: safe.discard(NOBODY)
    yield Verb.RESTORE, lambda: safe.restore(NOBODY)
    yield Verb.REPORT_LETTER, lambda: vault.outbox.report(NOBODY, "bounced")
    yield Verb.REFUSE_ELECTRONIC, lambda: safe.refuse_electronic("other")
    yield Verb.RETURN_TO_ELECTRONIC, lambda: safe.return_to_electronic("other")
    yield Verb.LIST_ACCEPTANCES, lambda: vault.acceptances(limit=0)
    yield Verb.HOLD, lambda: vault.upkeep.hold("acme", "A-0042", reason=" ")
    yield Verb.RELEASE, lambda: vault.upkeep.release("acme", "B", reason="why")
    yield Verb.SWEEP, lambda: vault.upkeep.sweep(grace=-dt.timedelta(days=1))
    yield Verb.CHECK_VAULT, lambda: vault.upkeep.check(sample=2)
    yield (
        Verb.OPEN_EVIDENCE,
        lambda: vault.upkeep.open_evidence("acme", "A-0042", "0" * 64, reason="why"),
    )
    yield Verb.ANNOUNCE_CLOSURE, lambda: vault.upkeep.announce_closure("acme", on=DAY)
    yield Verb.RECONFIRM, lambda: session.reconfirm("not it")
    yield Verb.FINISH_RECONFIRM, lambda: session.finish_reconfirm("x", "123456")
    house.clock.advance(6 * kit.MINUTE)
    yield Verb.DESTROY, lambda: safe.destroy(NOBODY)
    yield Verb.EXPORT, lambda: safe.export(io.BytesIO())
    house.clock.advance(11 * kit.MINUTE)  # the same again within ten minutes is no news
    yield Verb.EXPORT, safe.export_stream
    yield Verb.ERASE_ACCOUNT, session.security.erase_account


def refuse_row(report):
    """Raise the error of the one row that a file's report refuses."""
    ((_, _, error),) = report.refused
    raise error


def refuse(outcomes):
    """Raise the error of a deposit that was refused as its outcome."""
    (outcome,) = outcomes
    raise outcome.error
