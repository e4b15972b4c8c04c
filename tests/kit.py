"""
A small kit for tests through the public doors: a clock to set, a vault on any database, people on their way into it.

Nothing here judges: helpers only walk the usual way, so that a test says in its own lines what it is about. The doubles at
the end stand before what is slow and refuse to work while this thread has a transaction open.
"""

import contextlib
import datetime as dt
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any, Self

from sqlalchemy import Engine, create_engine, text

from mycvault import (
    Caller,
    CodeRequired,
    Employee,
    Employer,
    Letter,
    LocalKeys,
    MemoryCourier,
    Policy,
    PortalUrls,
    Receipt,
    Session,
    Vault,
)

START = dt.datetime(2026, 10, 5, 8, 0, tzinfo=dt.UTC)
PASSWORD = "violet-harbour-lantern-27"
GIVEN, FAMILY = "Zélie", "Exemplaire-Dupré"
EMAIL, PHONE = "zelie.exemplaire@example.org", "06 12 34 56 78"
PHONE_E164 = "+33612345678"
URLS = PortalUrls(
    activate="https://safe.example.org/activate/{token}",
    confirm_address="https://safe.example.org/address/{token}",
    sign_in="https://safe.example.org/sign-in",
)
HERE = Caller(address="192.0.2.7", user_agent="Browser of the tests")
MINUTE = dt.timedelta(minutes=1)
NOTHING_PURGED = {
    "bin": 0,
    "term": 0,
    "held": 0,
    "holds_ended": 0,
    "erasures_finished": 0,
    "support": 0,
}
TERMS = "Your safe is yours for fifty years."


class SettableClock:
    """A clock that stands until it is told otherwise."""

    def __init__(self, moment: dt.datetime = START) -> None:
        self.moment = moment

    def now(self) -> dt.datetime:
        return self.moment

    def advance(self, by: dt.timedelta) -> None:
        self.moment += by


def pdf(size: int = 600, *, mark: str = "October") -> bytes:
    """Build a PDF of exactly *size* bytes (300 or more) with one page that shows *mark*."""
    shown = f"BT /F1 12 Tf 40 90 Td ({mark}) Tj ET"
    head = (
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 120]/Contents 4 0 R>>endobj\n"
        f"4 0 obj<</Length {len(shown)}>>stream\n{shown}\nendstream endobj\n"
    ).encode()
    foot = b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    room = size - len(head) - len(foot)
    assert room >= 1, "a PDF this small cannot be built"
    # What fills it is a comment.
    return head + b"%" + b"x" * (room - 1) + foot


class House:
    """A vault with one employer, its clock and its post."""

    def __init__(self, vault: Vault, clock: SettableClock, engine: Engine, folder: pathlib.Path):
        self.vault = vault
        self.clock = clock
        self.folder = folder
        self.courier = MemoryCourier()
        self.acme: Employer = vault.add_employer("Acme SAS", reference="acme", urls=URLS)
        self._engine = engine

    # ---------------------------------------------------------------- the way in

    def enrolled(self, matricule: str = "A-0042", **other: Any) -> Employee:
        given = {"given_name": GIVEN, "family_name": FAMILY, "email": EMAIL, "phone": PHONE}
        return self.acme.enrol(matricule, **{**given, "locale": "en", **other})

    def invited_token(self, matricule: str = "A-0042", **how: Any) -> str:
        """Invite somebody; give the token, from the letter if it was not handed out."""
        invitation = self.acme.invite(matricule, **how)
        if invitation.token is not None:
            return invitation.token.reveal()
        return self.post().context["link"].rpartition("/")[2]

    def activated(
        self, matricule: str = "A-0042", token: str | None = None, **typed: Any
    ) -> Session:
        """Open the safe of somebody enrolled, with whatever her link asks for."""
        person = self.acme.employee(matricule)
        token = token or self.invited_token(matricule)
        welcome = self.vault.joining.look_up(token)
        answers = {
            "password": PASSWORD,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "email": person.email or "somebody.else@example.org",
            "birth_date": person.birth_date,
            "accept_terms": welcome.terms.version if welcome.terms else None,
        }
        if "code" in welcome.needs and "code" not in typed:
            self.vault.joining.send_code(token)
            answers["code"] = self.code()
        return self.vault.joining.complete(token, **{**answers, **typed})

    def joined(self, matricule: str = "A-0042", **other: Any) -> Session:
        """Enrol, invite and activate somebody."""
        self.enrolled(matricule, **other)
        return self.activated(matricule)

    def asked(self, identifier: str = EMAIL, password: str = PASSWORD, **how: Any) -> CodeRequired:
        """Sign in up to the code."""
        asked = self.vault.sign_in(identifier, password, **how)
        assert isinstance(asked, CodeRequired)
        return asked

    def signed_in(self, identifier: str = EMAIL, password: str = PASSWORD, **how: Any) -> Session:
        return self.vault.confirm_code(
            self.asked(identifier, password, **how).challenge, self.code()
        )

    # ---------------------------------------------------------------- the post

    def post(self, to: str | None = None) -> Letter:
        """Deliver what is due; give the newest letter."""
        self.vault.outbox.deliver(self.courier)
        return self.courier.last(to)

    def code(self) -> str:
        """Deliver what is due; give the code that was sent last."""
        self.post()
        return next(
            letter.context["code"]
            for letter in reversed(self.courier.letters)
            if "code" in letter.context
        )

    def sent(self, template: str) -> list[Letter]:
        self.vault.outbox.deliver(self.courier)
        return [letter for letter in self.courier.letters if letter.template == template]

    # ---------------------------------------------------------------- what is stored

    def rows(self, query: str, **values: Any) -> Sequence[Any]:
        with self._engine.connect() as connection:
            return connection.execute(text(query), values).all()

    def run(self, statement: str, **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(text(statement), values)

    def events(self) -> list[tuple[str, str]]:
        """List verb and outcome of every event, oldest first."""
        found = self.rows("SELECT verb, outcome FROM mycvault_events ORDER BY id")
        return [(row.verb, row.outcome) for row in found]

    def last_event(self) -> tuple[str, str]:
        return self.events()[-1]

    def blobs(self) -> list[str]:
        """List every file in the folder of blobs, unfinished ones too."""
        return sorted(path.name for path in (self.folder / "blobs").rglob("*") if path.is_file())


def make_vault(
    folder: pathlib.Path,
    records: str | Engine | None,
    *,
    policy: Policy | None = None,
    clock: Any = None,
    keys: Any = None,
) -> Vault:
    """Make a vault whose bytes lie in *folder*, its rows in *records* (None: in the folder too)."""
    return Vault.create(
        folder,
        keys=keys or LocalKeys.ephemeral(),
        records=records,
        policy=policy or Policy.for_tests(),
        clock=clock or SettableClock(),
    )


@contextlib.contextmanager
def house_at(
    tmp_path: pathlib.Path,
    records: str | None = None,
    *,
    policy: Policy | None = None,
    **other: Any,
) -> Iterator[House]:
    """Open a vault with one employer; look at its rows through a connection of our own."""
    clock = SettableClock()
    folder = tmp_path / "vault"
    with make_vault(folder, records, policy=policy, clock=clock, **other) as vault:
        engine = create_engine(records or f"sqlite:///{folder}/records.sqlite3")
        try:
            yield House(vault, clock, engine, folder)
        finally:
            engine.dispose()


@contextlib.contextmanager
def house_on(place: Any, records: str, tmp_path: pathlib.Path, **other: Any) -> Iterator[House]:
    """Open a vault with one employer whose bytes lie in a remote *place* (`remotes.Place`)."""
    clock = SettableClock()
    given = {"keys": LocalKeys.ephemeral(), "policy": Policy.for_tests(), **other}
    engine = create_engine(records)
    try:
        with Vault.create(
            place.url, records=records, storage_options=place.options, clock=clock, **given
        ) as vault:
            yield House(vault, clock, engine, tmp_path)
    finally:
        engine.dispose()


def slip(house: House, mark: str = "October", matricule: str = "A-0042", **other: Any) -> Receipt:
    """Deposit a payslip that *mark* tells from others."""
    return house.acme.deposit(matricule, pdf(mark=mark), **{"kind": "payslip", **other})


# ------------------------------------------------------------------ doubles


class Unhurried:
    """Stands before something slow, and refuses every call made while a transaction is open."""

    def __init__(self, slow: Any) -> None:
        self.slow = slow
        self.vault: Vault | None = None
        self.calls = 0

    @classmethod
    def before(cls, slow: Any, vault: Vault) -> Self:
        double = cls(slow)
        double.vault = vault
        return double

    def _check(self) -> None:
        self.calls += 1
        assert self.vault is None or not self.vault._desk.transaction_is_open(), "an act is open"


class UnhurriedBlobs(Unhurried):
    """A store of blobs that is never asked inside a transaction; *failure* is raised by every put."""

    failure: Exception | None = None

    def put(self, key: str, data: Any) -> None:
        self._check()
        if self.failure is not None:
            raise self.failure
        self.slow.put(key, data)

    def get(self, key: str, *, start: int = 0, end: int | None = None) -> bytes:
        self._check()
        return self.slow.get(key, start=start, end=end)

    def size(self, key: str) -> int:
        self._check()
        return self.slow.size(key)

    def delete(self, key: str) -> None:
        self._check()
        self.slow.delete(key)

    def scan(self) -> Iterator[str]:
        self._check()
        return self.slow.scan()


class UnhurriedHasher(Unhurried):
    """A hasher that never works inside a transaction."""

    def hash(self, password: str) -> str:
        self._check()
        return self.slow.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        self._check()
        return self.slow.matches(stored, password)

    def renewed(self, stored: str, password: str) -> str | None:
        self._check()
        return self.slow.renewed(stored, password)


class UnhurriedKeys(Unhurried):
    """A key provider that is never asked inside a transaction."""

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        self._check()
        return self.slow.wrap(key, context=context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        self._check()
        return self.slow.unwrap(wrapped, context=context)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.slow, name)


class UnhurriedCourier(Unhurried):
    """A courier that never carries a letter inside a transaction."""

    def send(self, letter: Letter) -> None:
        self._check()
        self.slow.send(letter)
