"""A walk through every public verb, so that it is refused."""

import datetime as dt
import io

import kit
from mycvault import Deposit, Enrolment
from mycvault.values.verbs import Verb
from verb_walk import DAY, HASH

NOBODY = "00000000-0000-7000-8000-000000000000"


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
    yield Verb.ADOPT, lambda: acme.adopt("A-0042", password_hash=HASH)
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
    yield Verb.REMIND_INVITED, lambda: acme.remind_pending(by="pigeon")
    yield Verb.RENEW_LINK, lambda: joining.renew("x")
    yield Verb.REQUEST_NEW_LINK, lambda: joining.request_new_link(None)
    yield Verb.REQUEST_RECOVERY, lambda: vault.recovery.request(None)
    yield Verb.REMIND_IDENTIFIER, lambda: vault.recovery.remind("x")
    yield Verb.LOOK_UP_RECOVERY, lambda: vault.recovery.look_up("x")
    yield Verb.SEND_RECOVERY_CODE, lambda: vault.recovery.send_code("x")
    yield Verb.RECOVER, lambda: vault.recovery.complete("x", password="x")
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
    yield Verb.CONFIRM_APP, lambda: session.security.confirm_app("123456")
    yield Verb.REVIEW_SECURITY, ended.security.overview
    house.clock.advance(6 * kit.MINUTE)
    yield Verb.ENROL_APP, session.security.enrol_app
    yield Verb.LOOK_UP_APP, session.security.pending_app
    yield Verb.RENEW_RECOVERY_CODES, session.security.new_recovery_codes
    yield Verb.REMOVE_APP, session.security.remove_app
    yield Verb.DESTROY, lambda: safe.destroy(NOBODY)
    yield Verb.EXPORT, lambda: safe.export(io.BytesIO())
    house.clock.advance(11 * kit.MINUTE)  # the same again within ten minutes is no news
    yield Verb.EXPORT, safe.export_stream
    yield Verb.ERASE_ACCOUNT, session.security.erase_account
    word = {"by": "Support Desk", "reason": "she called"}
    upkeep = vault.upkeep
    yield Verb.RESET_SECOND_FACTOR, lambda: upkeep.reset_second_factor("acme", "B", **word)
    yield Verb.CORRECT_PHONE, lambda: upkeep.correct_phone("acme", "A-0042", "x", **word)
    yield Verb.CORRECT_EMAIL, lambda: upkeep.correct_email("acme", "A-0042", "x", **word)
    yield Verb.DISABLE_ACCOUNT, lambda: upkeep.disable_account("acme", "B", **word)
    yield Verb.ENABLE_ACCOUNT, lambda: upkeep.enable_account("acme", "B", **word)
    yield Verb.DETACH, lambda: upkeep.detach("acme", "B", **word)
    yield Verb.JOIN_EXISTING, lambda: joining.join_existing("x", session, family_name="x")
    yield Verb.CONTEST_ADDRESS, lambda: vault.contest_address("x")
    yield Verb.ADD_EMAIL, lambda: session.security.add_email("x")
    yield Verb.REMOVE_EMAIL, lambda: session.security.remove_email("x")
    yield Verb.CHANGE_PHONE, lambda: session.security.change_phone("x")
    yield Verb.CONFIRM_PHONE, lambda: session.security.confirm_phone("x", "1")


def refuse_row(report):
    """Raise the error of the one row that a file's report refuses."""
    ((_, _, error),) = report.refused
    raise error


def refuse(outcomes):
    """Raise the error of a deposit that was refused as its outcome."""
    (outcome,) = outcomes
    raise outcome.error
