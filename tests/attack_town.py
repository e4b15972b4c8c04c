"""
A vault that was lived in: two employers and people at every stage.

Two who joined, one of them with an authenticator app, one invited, links used, revoked and expired, codes alive, used and expired, letters waiting. What its people hold
in their hands, their tokens, codes and passwords, is kept beside it.
"""

import datetime as dt
from typing import Any

import kit
from app_kit import app_code
from mycvault import (
    CodeRequired,
    LocalKeys,
    MemoryCourier,
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
        self._deposit(acme, "A-1", "one")
        self._deposit(acme, "A-1", "two")
        self._deposit(globex, "G-1", "one")
        own = b"A note of her own.\n"
        note = zelie.safe.add(own, title="Note")
        self.documents["zelie note"] = (note.id, own)
        zelie.safe.label(note.id, "for the bank")
        albert.safe.label(self.documents["G-1 one"][0], "kept for the lawyer")
        zelie.safe.archive(self.documents["A-1 two"][0])
        zelie.safe.read(note.id)
        secret = albert.security.enrol_app().secret.reveal()
        recovery = albert.security.confirm_app(app_code(secret, self.clock.now()))
        self.codes["expired"] = self._asked(vault, "zelie")
        self.clock.advance(dt.timedelta(minutes=11))
        self.codes["live"] = self._asked(vault, "zelie")
        self._ask_albert(vault, secret, recovery)
        self.sessions |= {"zelie": zelie.token.reveal(), "albert": albert.token.reveal()}
        # Somebody on paper, with proof; a link to refuse by; a correction, a document that is gone, a hold.
        self._declare(acme)
        right = acme.deposit(
            "A-1",
            kit.pdf(mark="right"),
            kind="payslip",
            title="Title right",
            corrects=[self.documents["A-1 one"][0]],
        )
        self.documents["A-1 right"] = (right.document_id, kit.pdf(mark="right"))
        vault.upkeep.hold("acme", "A-1", reason="a dispute", until=dt.date(2030, 1, 1))
        # From here on letters wait.
        acme.enrol("A-2", email="camille@example.org", birth_date=BIRTH, **names)
        acme.deposit("A-2", kit.pdf(mark="for Camille"), kind="contract")
        self.links["live"] = acme.invite("A-2").token.reveal()
        acme.deposit("A-1", kit.pdf(mark="three"), kind="payslip")

    def _ask_albert(self, vault: Vault, secret: str, recovery: list[str]) -> None:
        """Use an app's code and a recovery code; ask with both again, and with others."""

        def asked() -> str:
            told = vault.sign_in("albert@example.org", PASSWORDS["albert"])
            assert isinstance(told, CodeRequired)
            return told.challenge

        spent = app_code(secret, self.clock.now())
        for used in (spent, recovery[0]):
            vault.confirm_code(asked(), used)
        later = app_code(secret, self.clock.now() + dt.timedelta(seconds=30))
        self.codes |= {
            "app replayed": (asked(), spent),
            "recovery replayed": (asked(), recovery[0]),
            "app": (asked(), later),
            "recovery": (asked(), recovery[1]),
        }

    def _declare(self, acme: Any) -> None:
        delivery, today = acme.delivery, self.clock.now().date()
        delivery.record_notice("A-3", on=today, means="letter", evidence=kit.pdf(mark="signed"))
        delivery.record_objection("A-3", on=today, means="letter", evidence=kit.pdf(mark="no"))
        delivery.record_objection("A-4", on=today, means="letter")
        delivery.record_return_to_electronic("A-4", on=today, means="letter")
        self.links["refusal"] = delivery.refusal_link("A-3", by="letter").token.reveal()

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
