"""
A vault with somebody in it, for the rows that need one: an employee who joined, by the public verbs alone.

SQLite and a local folder, durable as by default, where the caller says. Only *second_factor* differs from the default policy.
"""

import itertools
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
_FILLING = bytes(number * 7919 >> 5 & 0xFF for number in range(1 << 20))


class House:
    """One vault, its employer, its employee and what carries her letters."""

    def __init__(self, folder: pathlib.Path, *, second_factor: SecondFactor) -> None:
        folder.mkdir()
        self._keys = LocalKeys.generate(folder / "keyring")
        policy = Policy(second_factor=second_factor)
        self.courier = MemoryCourier()
        self._numbers = itertools.count()
        self.folder = folder / "vault"
        self.vault = Vault.create(self.folder, keys=self._keys, policy=policy)
        self.employer = self.vault.add_employer("Acme SAS", reference="acme")
        self.session = self._join()

    def reopened(self) -> Vault:
        """Open the vault a second time, with connections of its own."""
        return Vault.open(self.folder, keys=self._keys)

    def deposit(self, size: int) -> str:
        """Deposit a payslip of *size* bytes that was never deposited before; give its id."""
        # The same bytes again would be a retry, answered with the first receipt.
        content = payslip(size, number=next(self._numbers))
        receipt = self.employer.deposit(
            MATRICULE, content, kind="payslip", period="2026-10", title="Payslip of October"
        )
        if receipt.replayed:
            raise ValueError("deposited before")
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


def payslip(size: int, *, number: int = 0) -> bytes:
    """Make *size* bytes that are taken as a PDF, others for every *number*."""
    head, tail = f"%PDF-1.7\n% {number}\n".encode(), b"\n%%EOF\n"
    return head + _FILLING[: size - len(head) - len(tail)] + tail
