"""
Every verb that writes in more than one step, cut at each of them: nothing is half there, and the same call completes it.

One vault with packs, destroyed documents, a bin and an orphan is copied for each cut. On SQLite processes are killed; on both
databases the disk and the database fail (on PostgreSQL our connection is really cut), once or until the verb has ended, and the
same open vault goes on. What is sampled: of each verb's steps as many as `MOST` says, spread from first
to last, and as many that follow a commit; with MYCVAULT_EVERY_STEP=1 it is every step.
"""

import datetime as dt
import os
import pathlib
from collections.abc import Callable

import attrs
import pytest

import kit
import services
from attack_kit import TABLES, raw_at
from attack_worker import NAMES
from crash_kit import HIRED, MANY, OLD_HASH, OLD_PASSWORD, Deaths, ago, enrolments, many
from mycvault import (
    AlreadyActivated,
    DocumentMissing,
    EmployeeStatus,
    MemoryCourier,
    Session,
    Vault,
)

EVERY = bool(os.environ.get("MYCVAULT_EVERY_STEP"))  # takes minutes
MOST = {"sqlite": 8, "postgresql": 3}  # steps of each verb
OUTAGES = {"! records-unavailable", "! blobs-unavailable", "! keys-unavailable"}
PEOPLE = ("A-1", "A-2")
WAITING = 2  # documents past their time in the bin


class Town(Deaths):
    """The vault: two who joined, a pack of which little lives, two documents in the bin, a document of its own, an orphan."""

    def build(self) -> None:
        self.template.mkdir()
        with self.created(self.template, clock=ago(40)) as vault:
            acme = vault.add_employer("Acme SAS", reference="acme")
            for name in PEOPLE:
                acme.enrol(name, email=mailbox(name), **NAMES)
                typed = {"password": kit.PASSWORD, "email": mailbox(name), **NAMES}
                vault.joining.complete(acme.invite(name).token.reveal(), **typed)
            acme.enrol(HIRED, email=mailbox(HIRED), **NAMES)
            first = sign_in(vault, "A-1").safe
            slips = {number: slip.content for number, slip in enumerate(many("old", 12))}
            report = acme.deposit_many(many("old", 12))
            packed = [receipt.document_id for receipt in report.receipts]
            self.given = {packed[number]: slips[number] for number in slips}
            alone = [acme.deposit("A-1", kit.pdf(mark=m), kind="other", reference=m) for m in "abc"]
            self.given |= {
                receipt.document_id: kit.pdf(mark=m)
                for receipt, m in zip(alone, "abc", strict=True)
            }
            gone, self.doomed, binned = (receipt.document_id for receipt in alone)
            for one in (*packed[:8:2], gone):
                first.destroy(one)
                del self.given[one]
            second = sign_in(vault, "A-2").safe
            for one in packed[1:8:2]:
                second.destroy(one)
                del self.given[one]
            self.binned = {packed[8], binned}
            first.discard(*self.binned)
        with self.opened(self.template, self.records) as vault:
            self.sessions = {name: sign_in(vault, name).token.reveal() for name in PEOPLE}
        self.keys.add_key()


@attrs.frozen
class Place:
    """What one cut left."""

    town: Town
    folder: pathlib.Path
    records: str | None

    def opened(self) -> Vault:
        return self.town.opened(self.folder, self.records)

    def contents(self) -> list[dict]:
        with raw_at(self.records or f"sqlite:///{self.folder}/records.sqlite3") as raw:
            return raw.rows(TABLES["contents"])

    def alive(self) -> set[str]:
        return {row["id"] for row in self.contents()}

    def blobs(self) -> set[str]:
        """List every file among the blobs, unfinished ones too."""
        return {path.name for path in (self.folder / "blobs").rglob("*") if path.is_file()}


def mailbox(name: str) -> str:
    return f"{name.lower()}@example.org"


def sign_in(vault: Vault, name: str, password: str = kit.PASSWORD) -> Session:
    asked, courier = vault.sign_in(mailbox(name), password), MemoryCourier()
    vault.outbox.deliver(courier)
    codes = [one.context["code"] for one in courier.letters if "code" in one.context]
    return vault.confirm_code(asked.challenge, codes[-1])


def read(vault: Vault, town: Town, wanted: dict[str, bytes]) -> None:
    """Make sure that each document is read as it was given, by whoever it belongs to."""
    safes = [vault.resume(token).safe for token in town.sessions.values()]
    for one, content in wanted.items():
        for safe in safes:
            try:
                assert safe.read(one) == content
                break
            except DocumentMissing:
                continue
        else:
            pytest.fail("an acknowledged document is not there")


# ------------------------------------------------------------------ the verbs


def paid(place: Place, vault: Vault, told: list[str]) -> None:
    acknowledged = dict(line.split() for line in told if line[8:9] == "-")
    run = many("new")
    there = place.alive() - set(place.town.given)
    assert set(acknowledged) <= there
    assert len(there) in {0, 2, MANY - 2, MANY}
    some = dict(list(acknowledged.items())[::60])
    read(vault, place.town, {one: run[int(number)].content for one, number in some.items()})
    report = vault.employer("acme").deposit_many(run)
    assert (len(report.receipts), report.replayed) == (MANY, len(there))
    by_number = {one.document_id: str(number) for number, one in enumerate(report.receipts)}
    assert acknowledged.items() <= by_number.items()
    assert len(place.alive()) == len(place.town.given) + MANY


def deposited(place: Place, vault: Vault, told: list[str]) -> None:
    new = place.alive() - set(place.town.given)
    assert len(new) in {0, 1}
    assert new or "deposit A-1 d" not in told
    receipt = vault.employer("acme").deposit("A-1", kit.pdf(mark="d"), kind="other", reference="d")
    assert {receipt.document_id} == (new or place.alive() - set(place.town.given))
    assert receipt.replayed == bool(new)
    read(vault, place.town, {receipt.document_id: kit.pdf(mark="d")})


def destroyed(place: Place, vault: Vault, told: list[str]) -> None:
    town = place.town
    gone = town.doomed not in place.alive()
    assert gone or not any(line.startswith("destroy") for line in told)
    safe = vault.resume(town.sessions["A-1"]).safe
    if gone:
        with pytest.raises(DocumentMissing):
            safe.destroy(town.doomed)
    else:
        read(vault, town, {town.doomed: town.given[town.doomed]})
        safe.destroy(town.doomed)
    assert place.alive() == set(town.given) - {town.doomed}


def purged(place: Place, vault: Vault, told: list[str]) -> None:
    gone = set(place.town.given) - place.alive()
    assert gone <= place.town.binned
    assert "purge" not in told or gone == place.town.binned
    report = vault.upkeep.purge(dry_run=False)
    assert report.counts["bin"] == WAITING - len(gone)
    assert report.ok
    assert place.alive() == set(place.town.given) - place.town.binned


def rotated(place: Place, vault: Vault, told: list[str]) -> None:
    report = vault.upkeep.rotate_keys()
    assert (report.counts["left"], report.findings) == (0, [])
    assert "rotate" not in told or not any(report.counts.values())
    assert not any(vault.upkeep.rotate_keys().counts.values())
    # What is sealed anew can be read without the older root.
    with place.opened() as again:
        read(again, place.town, place.town.given)


def compacted(place: Place, vault: Vault, told: list[str]) -> None:
    report = vault.upkeep.compact()
    assert report.ok
    assert report.counts["sparse"] == (0 if "compact" in told else report.counts["rewritten"])
    assert vault.upkeep.compact().counts["sparse"] == 0
    assert place.alive() == set(place.town.given)


def swept(place: Place, vault: Vault, told: list[str]) -> None:
    assert place.alive() == set(place.town.given)
    if "sweep" in told:
        assert place.blobs() == {row["blob"] for row in place.contents()}


def enrolled(place: Place, vault: Vault, told: list[str]) -> None:
    acme = vault.employer("acme")
    there = {one.matricule for one in acme.employees()} - {*PEOPLE, HIRED}
    assert len(there) in ({5} if "enrol_many" in told else {0, 5})
    assert acme.enrol_many(enrolments(5)).added == 5 - len(there)
    new = acme.deposit_many([*many("new", 2), attrs.evolve(many("n", 1)[0], matricule="N-3")])
    assert new.ok


def synchronised(place: Place, vault: Vault, told: list[str]) -> None:
    acme = vault.employer("acme")
    there = {one.matricule for one in acme.employees()} - {*PEOPLE, HIRED}
    assert len(there) in ({7} if "sync" in told else {0, 7})
    report = acme.sync(enrolments(7))
    assert (report.added, report.unchanged) == (7 - len(there), len(there))
    assert acme.deposit("N-6", kit.pdf(), kind="other", reference="n").document_id


def adopted(place: Place, vault: Vault, told: list[str]) -> None:
    acme = vault.employer("acme")
    there = acme.employee(HIRED).status == EmployeeStatus.ACTIVE
    assert there or "adopt" not in told
    if there:
        with pytest.raises(AlreadyActivated):
            acme.adopt(HIRED, password_hash=OLD_HASH)
    else:
        acme.adopt(HIRED, password_hash=OLD_HASH)
    one = acme.deposit(HIRED, kit.pdf(mark="new"), kind="other").document_id
    assert sign_in(vault, HIRED, OLD_PASSWORD).safe.read(one) == kit.pdf(mark="new")


Again = Callable[[Place, Vault, list[str]], None]
CASES: dict[str, Again] = {
    "deposit": deposited,
    "pay": paid,
    "destroy": destroyed,
    "purge": purged,
    "rotate": rotated,
    "compact": compacted,
    "sweep": swept,
    "enrol_many": enrolled,
    "sync": synchronised,
    "adopt": adopted,
}


def story(town: Town, verb: str) -> tuple:
    given = {
        "deposit": ("A-1", "d"),
        "pay": ("new",),
        "destroy": (town.sessions["A-1"], town.doomed),
    }
    return (verb, *given.get(verb, ()))


@pytest.fixture(scope="module")
def towns(tmp_path_factory, request):
    """Build a town on a database, once."""
    built: dict[str, Town] = {}

    def town(database: str) -> Town:
        if database not in built:
            records = None
            if database == "postgresql":
                records = services.fresh_database(request.getfixturevalue("postgres_url"))
            built[database] = Town(tmp_path_factory.mktemp(database), records)
            built[database].build()
        return built[database]

    yield town
    for one in built.values():
        if one.records:
            services.drop_database(one.records)


@pytest.mark.parametrize(
    ("how", "database"), [("death", "sqlite"), ("fault", "sqlite"), ("fault", "postgresql")]
)
@pytest.mark.parametrize("verb", CASES)
def test_cut_at_any_step(towns, verb, how, database):
    """A check finds nothing; what was acknowledged is there; the same call completes it; a sweep leaves no byte too many."""
    town = towns(database)
    town.die(
        story(town, verb), how=how, most=1000 if EVERY else MOST[database], name=f"{verb}-{how}"
    )

    refused = set()
    for where, told in town.left():
        place = Place(town, *where)
        cuts = {line for line in told if line.startswith("!")}
        again = {line for line in told if line.startswith("again")}
        refused |= cuts
        assert cuts <= OUTAGES
        assert not [line for line in told if line.startswith("half there")]
        # Done, though its answer was an outage: the same call says so.
        done = {"destroy": {"again document-missing"}, "adopt": {"again already-activated"}}
        assert again <= done.get(verb, set())
        with place.opened() as vault:
            report = vault.upkeep.check()
            assert report.ok, (place.folder.name, report.findings)
            CASES[verb](place, vault, told)
            vault.upkeep.sweep(grace=dt.timedelta())
            assert place.blobs() == {row["blob"] for row in place.contents()}
            report = vault.upkeep.check()
            assert report.ok, (place.folder.name, report.findings)
            assert report.counts["orphans"] == 0

    assert town.count >= MOST[database] // 2
    assert bool(refused) == (how == "fault")
