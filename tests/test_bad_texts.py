"""
Every text argument of every public verb is handed what no text should be, on both databases.

Whatever a form or an export puts there, the answer is a typed error that asks again: never Python's own, which a portal shows
as its own fault, and never "try again later", which a payroll engine does for days.
"""

import datetime as dt

import pytest

import kit
from mycvault import Caller, MycvaultError, TamperedError, UnavailableError

NO_TEXTS = {
    "nul": "x\x00y",
    "surrogate": "x\ud800y",
    "long": "x" * 100_000,
    "none": None,
    "number": 7,
    "bytes": b"x",
    "list": ["x"],
}
PEOPLE = ("given_name", "family_name", "email", "phone", "locale", "birth_date", "hired_on")
TYPED = ("password", "given_name", "family_name", "email", "accept_terms", "birth_date", "code")


def calls_with(house, bad):
    """List every verb with *bad* in place of one argument, by a name that says where."""
    vault, acme, post = house.vault, house.acme, house.vault.outbox
    session = house.joined()
    safe, joining, own = session.safe, vault.joining, session.safe.add(b"A note.", title="Note").id
    asked = house.asked().challenge
    day = dt.date(2026, 12, 31)

    def given(verb, *args, **others):
        return lambda name, value: lambda: verb(*args, **{**others, name: value})

    def people(name):
        return lambda: house.enrolled("B-" + name, **{name: bad})

    def typed(name):
        house.enrolled("C-" + name, email=f"c-{name}@example.org", phone=None)
        token = house.invited_token("C-" + name, activation_code=name == "activation_code")
        return lambda: house.activated("C-" + name, token, **{name: bad})

    fields = {
        "add_employer": (
            given(vault.add_employer, name="X", reference="x"),
            ("name", "reference", "siren"),
        ),
        "publish_terms": (
            given(vault.publish_terms, version="1", text="T"),
            ("version", "text", "locale"),
        ),
        "terms": (given(vault.terms), ("version", "locale")),
        "amend": (given(acme.amend, "A-0042"), PEOPLE[:-1]),
        "amend_self": (given(acme.amend_self), ("name", "siren")),
        "employees": (given(acme.employees), ("status", "after")),
        "invite": (given(acme.invite, "A-0042"), ("by",)),
        "deposit": (
            given(acme.deposit, "A-0042", kit.pdf(), kind="payslip"),
            ("kind", "period", "title", "reference", "available_from"),
        ),
        "deposits": (given(acme.deposits), ("matricule", "period", "after")),
        "documents": (given(safe.documents), ("kind", "period", "label", "after")),
        "history": (given(safe.history), ("locale", "after")),
        "count": (given(safe.count), ("kind",)),
        "add": (given(safe.add, b"A note.", title="T"), ("title", "kind")),
        "accept_terms": (given(session.accept_terms, "1"), ("locale",)),
        "resend_code": (given(vault.resend_code, asked), ("channel",)),
    }
    single = {
        "employer": vault.employer,
        "employer acting": lambda bad: vault.employer("acme", acting=bad).amend("A-0042"),
        "employee": acme.employee,
        "amend": acme.amend,
        "record_leaving": lambda bad: acme.record_leaving(bad, day),
        "record_leaving on": lambda bad: acme.record_leaving("A-0042", bad),
        "invite": acme.invite,
        "revoke_invitation": acme.revoke_invitation,
        "deposit": lambda bad: acme.deposit(bad, kit.pdf(), kind="payslip"),
        "sign_in": lambda bad: vault.sign_in(bad, kit.PASSWORD),
        "sign_in password": lambda bad: vault.sign_in(kit.EMAIL, bad),
        "caller address": lambda bad: vault.sign_in(kit.EMAIL, "x", caller=Caller(address=bad)),
        "caller browser": lambda bad: house.signed_in(caller=Caller(user_agent=bad)),
        "look_up_code": vault.look_up_code,
        "resend_code": vault.resend_code,
        "confirm_code": lambda bad: vault.confirm_code(bad, "123456"),
        "confirm_code code": lambda bad: vault.confirm_code(asked, bad),
        "resume": vault.resume,
        "confirm_address": vault.confirm_address,
        "look_up": joining.look_up,
        "send_code": joining.send_code,
        "accept_terms": session.accept_terms,
        "document": safe.document,
        "open": safe.open,
        "read": safe.read,
        "check": safe.check,
        "rename": lambda bad: safe.rename(bad, "T"),
        "rename title": lambda bad: safe.rename(own, bad),
        "label": lambda bad: safe.label(bad, "T"),
        "label name": lambda bad: safe.label(own, bad),
        "unlabel name": lambda bad: safe.unlabel(own, bad),
        "archive": safe.archive,
        "discard": lambda bad: safe.discard(own, bad),
        "report": lambda bad: post.report(bad, "bounced"),
        "report outcome": lambda bad: post.report(own, bad),
    }
    for verb, (call, names) in fields.items():
        yield from ((f"{verb}({name})", call(name, bad)) for name in names)
    yield from ((name, lambda call=call: call(bad)) for name, call in single.items())
    yield from ((f"enrol({name})", people(name)) for name in PEOPLE)
    yield from ((f"complete({name})", typed(name)) for name in (*TYPED, "activation_code"))


@pytest.mark.parametrize("bad", NO_TEXTS.values(), ids=NO_TEXTS)
def test_no_argument_raises_anything_untyped(house, bad):
    """Whatever stands where a text should, a verb answers with a typed error that does not blame the machine."""
    untyped = []
    for name, call in calls_with(house, bad):
        try:
            call()
        except MycvaultError as error:
            if isinstance(error, UnavailableError | TamperedError):
                untyped.append(f"{name}: {type(error).__name__}")
        except Exception as error:  # noqa: BLE001 - this is what the test looks for
            untyped.append(f"{name}: {type(error).__name__}")

    assert not untyped, "\n".join(untyped)
