"""
A vault that was lived in, and a walk through its public doors.

`Town` has two employers and people at every stage: two who joined, one invited, links used, revoked and expired, codes alive,
used and expired, letters waiting. `walk` asks everything an outsider or an owner may ask and gives each answer; `lies` lists
the answers of a later walk that are neither what they were, nor less of it, nor a typed error.
"""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs

import kit
from mycvault import (
    CodeRequired,
    Document,
    LocalKeys,
    MemoryCourier,
    MycvaultError,
    Policy,
    Session,
    Vault,
)
from mycvault.storage.blobs.memory import MemoryBlobs

PASSWORDS = {"zelie": "violet-harbour-lantern-27", "albert": "copper-meadow-whistle-61"}
BIRTH = dt.date(1984, 2, 29)


class Town:
    """One vault, its keys, clock, blobs and post, and what its people hold in their hands."""

    def __init__(self, records: str) -> None:
        self.records = records
        self.keys = LocalKeys.ephemeral()
        self.blobs = MemoryBlobs()
        self.clock = kit.SettableClock()
        self.courier = MemoryCourier()
        self.links: dict[str, str] = {}
        self.codes: dict[str, tuple[str, str]] = {}
        self.sessions: dict[str, str] = {}
        self.documents: dict[str, tuple[str, bytes]] = {}
        with self._made() as vault:
            self._live(vault)

    def opened(self) -> Vault:
        """Open the vault as a process that has just started does."""
        return Vault.open(
            self.blobs,
            keys=self.keys,
            records=self.records,
            policy=Policy.for_tests(),
            clock=self.clock,
        )

    def _made(self) -> Vault:
        return Vault.create(
            self.blobs,
            keys=self.keys,
            records=self.records,
            policy=Policy.for_tests(),
            clock=self.clock,
        )

    def _live(self, vault: Vault) -> None:
        vault.publish_terms("2026-10", kit.TERMS, locale="en")
        acme = vault.add_employer("Acme SAS", reference="acme", urls=kit.URLS)
        globex = vault.add_employer("Globex SARL", reference="globex", siren="732829320")
        names = {"given_name": "Dora", "family_name": "Exemple", "locale": "en"}
        acme.enrol("A-3", email="dora@example.org", **names)
        self.links["expired"] = acme.invite("A-3").token.reveal()
        self.clock.advance(dt.timedelta(days=16))
        acme.enrol("A-4", email="eve@example.org", **names)
        self.links["revoked"] = acme.invite("A-4").token.reveal()
        acme.revoke_invitation("A-4")
        acme.enrol("A-1", email="zelie@example.org", phone="0612345678", **names)
        globex.enrol("G-1", email="albert@example.org", phone="0698765432", **names)
        ended = self._join(vault, "zelie", acme, "A-1")
        self.sessions["ended"] = ended.token.reveal()
        ended.end()
        albert = self._join(vault, "albert", globex, "G-1")
        self.codes["used"] = self._asked(vault, "zelie")
        zelie = vault.confirm_code(*self.codes["used"])
        for mark in ("one", "two"):
            self._deposit(acme, "A-1", mark)
            self._deposit(globex, "G-1", mark)
        own = b"A note of her own.\n"
        note = zelie.safe.add(own, title="Note")
        self.documents["zelie note"] = (note.id, own)
        zelie.safe.label(note.id, "for the bank")
        albert.safe.label(self.documents["G-1 one"][0], "kept for the lawyer")
        zelie.safe.archive(self.documents["A-1 two"][0])
        zelie.safe.read(note.id)
        self.codes["expired"] = self._asked(vault, "zelie")
        self.clock.advance(dt.timedelta(minutes=11))
        self.codes["live"] = self._asked(vault, "zelie")
        self.codes["albert"] = self._asked(vault, "albert")
        self.sessions |= {"zelie": zelie.token.reveal(), "albert": albert.token.reveal()}
        # From here on letters wait.
        acme.enrol("A-2", email="camille@example.org", birth_date=BIRTH, **names)
        acme.deposit("A-2", kit.pdf(mark="for Camille"), kind="contract")
        self.links["live"] = acme.invite("A-2").token.reveal()
        self._deposit(acme, "A-1", "three")

    def _join(self, vault: Vault, name: str, employer: Any, matricule: str) -> Session:
        token = self.links["used by " + name] = employer.invite(matricule).token.reveal()
        vault.joining.send_code(token)
        return vault.joining.complete(
            token,
            password=PASSWORDS[name],
            given_name="Dora",
            family_name="Exemple",
            email=f"{name}@example.org",
            accept_terms="2026-10",
            code=self._code(vault),
        )

    def _asked(self, vault: Vault, name: str) -> tuple[str, str]:
        asked = vault.sign_in(f"{name}@example.org", PASSWORDS[name])
        assert isinstance(asked, CodeRequired)
        return asked.challenge, self._code(vault)

    def _code(self, vault: Vault) -> str:
        vault.outbox.deliver(self.courier)
        found = [letter for letter in self.courier.letters if "code" in letter.context]
        return found[-1].context["code"]

    def _deposit(self, employer: Any, matricule: str, mark: str) -> None:
        content = kit.pdf(mark=mark + " of " + matricule)
        receipt = employer.deposit(matricule, content, kind="payslip", title="Title " + mark)
        self.documents[f"{matricule} {mark}"] = (receipt.document_id, content)


# ------------------------------------------------------------------ the walk


@attrs.frozen
class Refused:
    """A typed error, by its code."""

    code: str


@attrs.frozen
class Broken:
    """An error that is none of the library's."""

    what: str


Answers = dict[str, Any]


def walk(town: Town) -> Answers:
    """Ask everything, in a process of its own, in an order in which no answer changes another."""
    answers: Answers = {}
    try:
        opened = town.opened()
    except MycvaultError as error:
        return dict.fromkeys(_steps(town), Refused(error.code))
    except Exception as error:
        return {"open": Broken(repr(error)[:200])}
    with opened as vault:
        for name, ask in _steps(town).items():
            try:
                answers[name] = ask(vault)
            except MycvaultError as error:
                answers[name] = Refused(error.code)
            except Exception as error:
                answers[name] = Broken(f"{type(error).__name__}: {error}"[:160])
    return answers


def lies(before: Answers, after: Answers) -> list[str]:
    """List what is neither what it was, nor less of it, nor a typed error."""
    found = [f"{name}: {told.what}" for name, told in after.items() if isinstance(told, Broken)]
    for name, truth in before.items():
        told = after.get(name, Refused("not asked"))
        if isinstance(told, Refused | Broken) or told == truth:
            continue
        if isinstance(truth, Refused):
            found.append(f"{name}: was {truth.code}, is granted")
        elif isinstance(truth, list) and all(item in truth for item in told):
            continue
        else:
            found.append(f"{name}: {_difference(truth, told)}")
    return found


def _difference(truth: Any, told: Any) -> str:
    if isinstance(told, list):
        told = [item for item in told if item not in truth]
    return f"untrue: {told!r}"[:300]


def _steps(town: Town) -> dict[str, Callable[[Vault], Any]]:
    return {**_reading(town), **_arriving(town), **_employing(), **_changing(town)}


def _reading(town: Town) -> dict[str, Callable[[Vault], Any]]:
    steps: dict[str, Callable[[Vault], Any]] = {}
    for name in ("zelie", "albert", "ended"):
        who = _Owner(town.sessions[name])
        for verb in (who.history, who.standing, who.documents, who.archived, who.labels, who.count):
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

    def documents(self, vault: Vault) -> list[Any]:
        return [_shown(one) for one in vault.resume(self.token).safe.documents()]

    def archived(self, vault: Vault) -> list[Any]:
        return [_shown(one) for one in vault.resume(self.token).safe.documents(archived=True)]

    def labels(self, vault: Vault) -> list[str]:
        return vault.resume(self.token).safe.labels()

    def count(self, vault: Vault) -> list[int]:
        return list(range(vault.resume(self.token).safe.count()))

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
    }


def _changing(town: Town) -> dict[str, Callable[[Vault], Any]]:
    """Do what changes something, last."""
    steps: dict[str, Callable[[Vault], Any]] = {}
    for name, (challenge, code) in town.codes.items():
        steps[f"confirm {name}"] = lambda vault, asked=challenge, code=code: _entered(
            vault.confirm_code(asked, code)
        )
    for name, token in town.links.items():
        steps[f"complete {name}"] = lambda vault, token=token: _completed(vault, token)
    steps["letters"] = _letters
    steps["deposit"] = lambda vault: (
        vault.employer("acme").deposit("A-1", kit.pdf(mark="new"), kind="payslip").size
    )
    return steps


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


@contextlib.contextmanager
def town_at(url: str) -> Iterator[Town]:
    yield Town(url)


def texts(answers: Sequence[str]) -> str:
    return "\n".join(answers)
