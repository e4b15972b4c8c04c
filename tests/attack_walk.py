"""
A walk through every public door.

`walk` asks everything an outsider or an owner may ask and gives each answer; `lies` lists the answers of a later walk that are
neither what they were, nor less of it, nor a typed error.
"""

from collections.abc import Callable
from typing import Any

import attrs

import kit
from attack_town import BIRTH, PASSWORDS, Town
from mycvault import Document, MemoryCourier, MycvaultError, Session, Vault


@attrs.frozen
class Refused:
    """A typed error, by its code."""

    code: str


@attrs.frozen
class Broken:
    """An error that is none of the library's."""

    what: str


Answers = dict[str, Any]


def walk(town: Town, *, post: bool = True) -> Answers:
    """Ask everything as a process just started, in an order in which no answer changes another; *post*: letters too."""
    answers: Answers = {}
    steps = _steps(town) if post else {k: v for k, v in _steps(town).items() if k != "letters"}
    try:
        opened = town.opened()
    except MycvaultError as error:
        return dict.fromkeys(steps, Refused(error.code))
    except Exception as error:  # noqa: BLE001 - what must never be met is written down
        return {"open": Broken(f"{type(error).__name__}: {error}"[:160])}
    with opened as vault:
        for name, ask in steps.items():
            try:
                answers[name] = ask(vault)
            except MycvaultError as error:
                answers[name] = Refused(error.code)
            except Exception as error:  # noqa: BLE001 - what must never be met is written down
                answers[name] = Broken(f"{type(error).__name__}: {error}"[:160])
    return answers


def lies(before: Answers, after: Answers) -> list[str]:
    """List what is neither what it was, nor less of it, nor a typed error."""
    found = [f"{name}: {told.what}" for name, told in after.items() if isinstance(told, Broken)]
    for name, truth in before.items():
        told = after.get(name, Refused("not asked"))
        if isinstance(told, Refused | Broken):
            continue
        if isinstance(truth, Refused):
            found.append(f"{name}: was {truth.code}, is granted")
        elif not _is_less(told, truth):
            found.append(f"{name}: untrue: {told!r}"[:400])
    return found


def _is_less(told: Any, truth: Any) -> bool:
    """Tell whether *told* is the truth or a part of it: what was deleted is not missed in a list."""
    if told is None or (isinstance(told, list | tuple) and not told):
        return True
    if type(told) is not type(truth):
        return False
    if attrs.has(type(told)):
        pairs = zip(
            attrs.astuple(told, recurse=False), attrs.astuple(truth, recurse=False), strict=True
        )
        return all(_is_less(one, other) for one, other in pairs)
    if isinstance(told, tuple) and len(told) == len(truth):
        return all(map(_is_less, told, truth))
    if not isinstance(told, list | tuple):
        return told <= truth if isinstance(told, frozenset) else told == truth
    return all(any(_is_less(one, other) for other in truth) for one in told)


def _steps(town: Town) -> dict[str, Callable[[Vault], Any]]:
    return {**_reading(town), **_arriving(town), **_employing(), **_changing(town)}


def _reading(town: Town) -> dict[str, Callable[[Vault], Any]]:
    steps: dict[str, Callable[[Vault], Any]] = {}
    for name in ("zelie", "albert", "ended"):
        who = _Owner(town.sessions[name])
        # Not the count: the database makes it, and it is no proof (docs/spec/rows.md).
        own = (who.history, who.standing, who.secured, who.documents, who.archived, who.labels)
        for verb in own:
            steps[f"{verb.__name__} of {name}"] = verb
    for name, (document_id, content) in town.documents.items():
        for reader in ("zelie", "albert"):
            who = _Owner(town.sessions[reader])
            steps[f"{name} by {reader}"] = who.reading(document_id, content)
    return steps


@attrs.frozen
class _Owner:
    """What somebody with a session's token may ask."""

    token: str

    def history(self, vault: Vault) -> list[Any]:
        events = vault.resume(self.token).safe.history(limit=1000)
        return [(e.id, e.at, e.verb, e.actor, e.text, dict(e.details)) for e in events]

    def standing(self, vault: Vault) -> Any:
        session = vault.resume(self.token)
        ends = (session.expires_at, session.fresh_until, session.pending, session.assurance)
        return (session.account_id, session.holder, session.employments, *ends)

    def secured(self, vault: Vault) -> Any:
        # Not how many recovery codes are left: the database counts them.
        told = vault.resume(self.token).security.overview()
        return (told.emails, told.phone, told.app_since, told.password_changed_at)

    def documents(self, vault: Vault) -> list[Any]:
        return [_shown(one) for one in vault.resume(self.token).safe.documents()]

    def archived(self, vault: Vault) -> list[Any]:
        return [_shown(one) for one in vault.resume(self.token).safe.documents(archived=True)]

    def labels(self, vault: Vault) -> list[str]:
        return vault.resume(self.token).safe.labels()

    def reading(self, document_id: str, content: bytes) -> Callable[[Vault], Any]:
        """Ask for one document in every way."""

        def ask(vault: Vault) -> Any:
            safe = vault.resume(self.token).safe
            assert safe.read(document_id) == content, "WRONG BYTES"
            with safe.open(document_id) as stream:
                assert stream.read() == content, "WRONG BYTES"
            return _shown(safe.check(document_id))

        return ask


def _shown(document: Document) -> Any:
    """Show a document without when it was first opened, which is no secret and no authority."""
    return attrs.astuple(attrs.evolve(document, opened_at=None), recurse=False)


def _arriving(town: Town) -> dict[str, Callable[[Vault], Any]]:
    steps: dict[str, Callable[[Vault], Any]] = {}
    for name, token in town.links.items():
        steps[f"look up {name}"] = lambda vault, token=token: vault.joining.look_up(token)
    steps["look up refusal"] = lambda vault: vault.joining.look_up_refusal(town.links["refusal"])
    for name, (challenge, _) in town.codes.items():
        steps[f"look up code {name}"] = lambda vault, asked=challenge: vault.look_up_code(asked)
    for name, password in PASSWORDS.items():
        steps[f"sign in {name}"] = lambda vault, name=name, password=password: _asked(
            vault.sign_in(f"{name}@example.org", password)
        )
        steps[f"wrong password of {name}"] = lambda vault, name=name: vault.sign_in(
            f"{name}@example.org", PASSWORDS["albert" if name == "zelie" else "zelie"]
        )
    return steps


def _asked(told: Any) -> Any:
    return (told.channel, told.sent_to, told.alternatives, told.expires_at)


def _employing() -> dict[str, Callable[[Vault], Any]]:
    return {
        "terms": lambda vault: vault.terms(locale="en"),
        "employers": lambda vault: [(one.reference, one.name) for one in vault.employers()],
        "employees": lambda vault: list(vault.employer("acme").employees()),
        "employee": lambda vault: vault.employer("globex").employee("G-1"),
        "receipts": lambda vault: list(vault.employer("acme").deposits()),
        "acceptances": lambda vault: list(vault.acceptances()),
        "paper list": lambda vault: [
            one.matricule for one in vault.employer("acme").delivery.paper_list()
        ],
        **_asking_of("A-3"),
        **_asking_of("A-4"),
    }


def _asking_of(matricule: str) -> dict[str, Callable[[Vault], Any]]:
    """Ask how one person's payslips reach her: an answer is the whole truth or a refusal."""

    def asked(vault: Vault) -> Any:
        delivery = vault.employer("acme").delivery
        told = (delivery.mode(matricule), delivery.first_electronic_payslip(matricule))
        return (*told, [str(one) for one in delivery.history(matricule)])

    return {f"delivery of {matricule}": asked}


def _changing(town: Town) -> dict[str, Callable[[Vault], Any]]:
    """Do what changes something, last."""
    steps: dict[str, Callable[[Vault], Any]] = {"letters": _letters}
    for name, (challenge, code) in town.codes.items():
        steps[f"confirm {name}"] = lambda vault, asked=challenge, code=code: _entered(
            vault.confirm_code(asked, code)
        )
    steps["refuse"] = lambda vault: vault.joining.refuse_electronic(
        town.links["refusal"], family_name="Exemple"
    )
    steps["payslip on paper"] = lambda vault: (
        vault.employer("acme").deposit("A-3", kit.pdf(mark="paper"), kind="payslip").size
    )
    steps["destroy held"] = lambda vault: _destroy_held(vault, town)
    steps["purge"] = lambda vault: vault.upkeep.purge(dry_run=False).counts["bin"]
    for name, token in town.links.items():
        steps[f"complete {name}"] = lambda vault, token=token: _completed(vault, token)
    steps["deposit"] = lambda vault: (
        vault.employer("acme").deposit("A-1", kit.pdf(mark="new"), kind="payslip").size
    )
    return steps


def _destroy_held(vault: Vault, town: Town) -> Any:
    session = vault.resume(town.sessions["zelie"])
    asked = session.reconfirm(PASSWORDS["zelie"])
    assert asked is not None
    courier = MemoryCourier()
    vault.outbox.deliver(courier)
    codes = [one.context["code"] for one in courier.letters if one.template == "confirm-code"]
    session.finish_reconfirm(asked.challenge, codes[-1])
    return session.safe.destroy(town.documents["A-1 one"][0]).documents


def _entered(session: Session) -> Any:
    return (session.account_id, session.holder, session.employments, session.assurance)


def _completed(vault: Vault, token: str) -> Any:
    session = vault.joining.complete(
        token,
        password="walnut-orchard-fiddle-93",
        given_name="Dora",
        family_name="Exemple",
        email="camille@example.org",
        birth_date=BIRTH,
        accept_terms="2026-10",
    )
    sizes = [document.size for document in session.safe.documents()]
    return (session.holder, session.employments, session.assurance, sizes)


def _letters(vault: Vault) -> list[Any]:
    courier = MemoryCourier()
    vault.outbox.deliver(courier)
    return [_letter(letter) for letter in courier.letters if "code" not in letter.context]


def _letter(letter: Any) -> Any:
    return (letter.to, letter.channel, letter.template, letter.locale, dict(letter.context))
