"""
A vault with somebody in it, for the rows that need one: an employee who joined, by the public verbs alone.

SQLite and a local folder, durable as by default, where the caller says. Only *second_factor* differs from the default policy.
"""

import pathlib
import re

from mycvault import (
    Channel,
    CodeRequired,
    LocalKeys,
    MemoryCourier,
    Need,
    Policy,
    SecondFactor,
    Session,
    Vault,
)

EMAIL = "zelie.exemplaire@example.org"
PASSWORD = "violet-harbour-lantern-27"
MATRICULE = "A-0042"
_NAMES = {"given_name": "Zélie", "family_name": "Exemplaire-Dupré"}
_PHONE = "06 12 34 56 78"


class House:
    """One vault, its employer, its employee and what carries her letters."""

    def __init__(self, folder: pathlib.Path, *, second_factor: SecondFactor) -> None:
        folder.mkdir()
        keys = LocalKeys.generate(folder / "keyring")
        policy = Policy(second_factor=second_factor)
        self.courier = MemoryCourier()
        self.folder = folder / "vault"
        self.vault = Vault.create(self.folder, keys=keys, policy=policy)
        self.employer = self.vault.add_employer("Acme SAS", reference="acme")
        self.session = self._join()

    def deposit(self, content: bytes) -> str:
        """Deposit a payslip; give its id."""
        receipt = self.employer.deposit(
            MATRICULE, content, kind="payslip", period="2026-10", title="Payslip of October"
        )
        return receipt.document_id

    def answer(self, asked: CodeRequired) -> None:
        """Type the code that was sent, so that it does not count among the unanswered ones."""
        self.vault.confirm_code(asked.challenge, self._code()).end()
        self.courier.letters.clear()

    def _join(self) -> Session:
        """Enrol her, invite her, and follow the link."""
        self.employer.enrol(MATRICULE, email=EMAIL, phone=_PHONE, locale="en", **_NAMES)
        self.employer.invite(MATRICULE)
        self.vault.outbox.deliver(self.courier)
        found = re.search(r"mcv_\w+", self.courier.last(EMAIL).text)
        assert found is not None
        link, code = found[0], None
        if Need.CODE in self.vault.joining.look_up(link).needs:
            self.vault.joining.send_code(link)
            code = self._code()
        return self.vault.joining.complete(
            link, password=PASSWORD, email=EMAIL, code=code, **_NAMES
        )

    def _code(self) -> str:
        """Deliver what waits, and read the newest code."""
        self.vault.outbox.deliver(self.courier)
        sent = [letter for letter in self.courier.letters if letter.channel is Channel.SMS]
        return sent[-1].context["code"]


def payslip(size: int) -> bytes:
    """Make *size* bytes that are taken as a PDF."""
    head, tail = b"%PDF-1.7\n", b"\n%%EOF\n"
    body = (number * 7919 >> 5 & 0xFF for number in range(size - len(head) - len(tail)))
    return head + bytes(body) + tail
