"""A walk through every public verb: once so that it succeeds, once so that it is refused."""

import datetime as dt
import io

import kit
import pdf_kit
from app_kit import app_code
from mycvault import Deposit, Enrolment
from mycvault.values.verbs import Verb

NOBODY = "00000000-0000-7000-8000-000000000000"
DAY = dt.date(2026, 12, 31)
HASH = "{SSHA}u5t7mjM8r1cUQ1dzN0hCq1qJ0k9zYWx0"  # of nobody's password


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
    yield (
        Verb.ENROL,
        lambda: house.enrolled("A-8", given_name="Noé", email="noe@example.org", phone=None),
    )
    yield Verb.ADOPT, lambda: acme.adopt("A-8", password_hash=HASH)
    yield Verb.INVITE, lambda: keep("link", house.invited_token())
    yield Verb.REMIND_INVITED, lambda: acme.remind_pending(before=dt.timedelta(days=20))
    yield Verb.RENEW_LINK, lambda: joining.renew(seen["link"])
    yield Verb.DELIVER_LETTERS, house.post
    yield Verb.REQUEST_NEW_LINK, lambda: joining.request_new_link(kit.EMAIL)
    house.post()
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
    recovery = vault.recovery
    yield Verb.REMIND_IDENTIFIER, lambda: recovery.remind("private@example.org")
    yield Verb.REQUEST_RECOVERY, lambda: recovery.request("private@example.org")
    forgotten = house.sent("recovery")[0].context["link"]
    yield Verb.LOOK_UP_RECOVERY, lambda: recovery.look_up(forgotten)
    house.clock.advance(kit.MINUTE)
    yield Verb.SEND_RECOVERY_CODE, lambda: recovery.send_code(forgotten)
    yield (
        Verb.RECOVER,
        lambda: keep(
            "session",
            recovery.complete(forgotten, password=kit.PASSWORD, code=house.code()),
        ),
    )
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
    yield Verb.REVIEW_SECURITY, security.overview
    yield Verb.ENROL_APP, lambda: keep("app", security.enrol_app().secret.reveal())
    yield Verb.LOOK_UP_APP, security.pending_app
    yield (
        Verb.CONFIRM_APP,
        lambda: security.confirm_app(app_code(seen["app"], house.clock.now())),
    )
    yield Verb.RENEW_RECOVERY_CODES, security.new_recovery_codes
    yield Verb.REMOVE_APP, security.remove_app
    yield Verb.LIST_SESSIONS, lambda: keep("ids", [one.id for one in security.sessions()])
    yield Verb.END_OTHER_SESSIONS, security.end_other_sessions
    ended = house.rows("SELECT id FROM mycvault_sessions WHERE ended_at IS NOT NULL")[0][0]
    yield Verb.END_SESSION, lambda: security.end_session(ended)
    yield Verb.DESTROY, lambda: safe.destroy(seen["note"])
    yield Verb.EXPORT, lambda: safe.export(io.BytesIO())
    yield from _her_addresses(house, seen["session"], keep, seen)
    chosen = "sapphire-meadow-compass-41"
    security = seen["session"].security
    yield Verb.CHANGE_PASSWORD, lambda: security.change_password(kit.PASSWORD, chosen)
    closing = dt.date(2027, 3, 1)
    yield Verb.ANNOUNCE_CLOSURE, lambda: vault.upkeep.announce_closure("acme", on=closing)
    yield Verb.ERASE_ACCOUNT, security.erase_account


def _her_addresses(house, session, keep, seen):
    security, vault = session.security, house.vault
    yield Verb.ADD_EMAIL, lambda: security.add_email("second@example.org")
    contest = house.post("private@example.org").context["link"]
    yield Verb.CONTEST_ADDRESS, lambda: vault.contest_address(contest)
    house.clock.advance(kit.MINUTE)
    session = keep("session", house.signed_in("private@example.org"))
    yield Verb.ADD_EMAIL, lambda: session.security.add_email("second@example.org")
    yield Verb.REMOVE_EMAIL, lambda: session.security.remove_email("second@example.org")
    yield (
        Verb.CHANGE_PHONE,
        lambda: keep("phone", session.security.change_phone("06 98 76 54 21").challenge),
    )
    yield Verb.CONFIRM_PHONE, lambda: session.security.confirm_phone(seen["phone"], house.code())
    yield from _support(vault.upkeep)
    other = vault.employer("other")
    hers = {"given_name": kit.GIVEN, "family_name": kit.FAMILY, "email": "second@example.org"}
    other.enrol("B-1", **hers)
    token = other.invite("B-1").token.reveal()
    yield (
        Verb.JOIN_EXISTING,
        lambda: vault.joining.join_existing(token, session, family_name=kit.FAMILY),
    )


def _support(upkeep):
    word = {"by": "Support Desk", "reason": "she called"}
    yield Verb.RESET_SECOND_FACTOR, lambda: upkeep.reset_second_factor("acme", "A-0042", **word)
    yield Verb.CORRECT_PHONE, lambda: upkeep.correct_phone("acme", "A-0042", "0612345679", **word)
    yield (
        Verb.CORRECT_EMAIL,
        lambda: upkeep.correct_email("acme", "A-0042", "third@example.org", **word),
    )
    yield Verb.DISABLE_ACCOUNT, lambda: upkeep.disable_account("acme", "A-8", **word)
    yield Verb.ENABLE_ACCOUNT, lambda: upkeep.enable_account("acme", "A-8", **word)
    yield Verb.DETACH, lambda: upkeep.detach("acme", "A-8", **word)
