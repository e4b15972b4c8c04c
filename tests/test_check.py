"""
Checking a vault through the doors: what is whole is clean, and every damage is named by its id and code alone.
"""

import datetime as dt
import io
import shutil
import threading

import pytest

import kit
from attack_kit import TABLES, raw_at
from mycvault import (
    BlobsUnavailable,
    Deposit,
    InvalidInput,
    LocalKeys,
    UnavailableError,
    Vault,
)
from mycvault.storage.blobs.local import LocalBlobs

CLEAN = dict.fromkeys(
    ("damaged", "missing", "unreadable", "strays", "keys_missing", "gaps", "orphans"), 0
)


def checked(house, **how):
    report = house.vault.upkeep.check(**how)
    return {name: count for name, count in report.counts.items() if count}, list(report.findings)


@pytest.fixture
def town(house):
    """Two employees, one of whom joined; payslips, an own document, a large one, evidence, a hold, a destroyed one."""
    session = house.joined()
    house.enrolled("B-1", given_name="Noé", family_name="Modèle", email=None, phone=None)
    house.slips = [kit.slip(house, mark).document_id for mark in "abc"]
    house.other = kit.slip(house, "d", "B-1").document_id
    house.large = session.safe.add(io.BytesIO(kit.pdf(900_000)), title="Large").id
    gone = session.safe.add(b"A note.", title="Note").id
    session.safe.destroy(gone)
    said = {"on": kit.START.date(), "means": "letter", "evidence": kit.pdf(mark="signed")}
    house.acme.delivery.record_notice("B-1", **said)
    house.vault.upkeep.sweep(grace=dt.timedelta())
    return house


def place(house, document):
    (row,) = house.rows("SELECT blob FROM mycvault_contents WHERE id = :id", id=document)
    return house.folder / "blobs" / row.blob[:2] / row.blob


# ------------------------------------------------------------------ what is whole


def test_a_whole_vault_is_clean(town):
    """Every document and proof is read to its end; only numbers are told, and one line in the journal."""
    seen = []
    counts, findings = checked(town, on_progress=lambda done, total: seen.append((done, total)))

    slips = len(kit.pdf()) * 5
    assert counts == {"documents": 5, "evidence": 1, "bytes": slips + 900_000}
    assert findings == []
    assert seen == [(5, 5), (5, 5)]
    assert town.last_event() == ("check-vault", "")


def test_an_empty_vault_is_clean(house):
    """Nothing is there, and nothing is missing."""
    seen = []
    assert checked(house, on_progress=lambda *told: seen.append(told)) == ({}, [])
    assert seen == [(0, 0)]


def test_orphans_are_counted_and_are_no_finding(town):
    """They are a sweep's business."""
    town.vault._desk.blobs.put("ab" * 16, b"left by a crash")
    counts, findings = checked(town)

    assert counts["orphans"] == 1
    assert findings == []


def test_what_an_erasure_and_a_hold_leave_is_clean(house):
    """Held documents are read under the hold's key; what was erased is missed by nobody."""
    session = house.joined()
    kit.slip(house)
    session.safe.add(b"A note.", title="Note")
    house.vault.upkeep.hold("acme", "A-0042", reason="a dispute")
    session.security.erase_account()

    assert checked(house) == ({"documents": 1, "bytes": 600, "orphans": 1}, [])
    house.vault.upkeep.release("acme", "A-0042", reason="it is over")
    assert checked(house) == ({"orphans": 2}, [])


def test_another_process_needs_no_employer_at_hand(tmp_path, records_url):
    """A vault that was just opened brings the employers' keys itself."""
    keys = LocalKeys.ephemeral()
    with kit.house_at(tmp_path, records_url, keys=keys) as house:
        house.enrolled()
        kit.slip(house)
        with Vault.open(house.folder, keys=keys, records=records_url) as vault:
            report = vault.upkeep.check()

    assert report.ok
    assert report.counts["documents"] == 1


# ------------------------------------------------------------------ a share of it


def test_a_share_is_chosen_at_random(lite):
    """A quarter of four hundred documents, more or less; none, or all, at the ends."""
    lite.enrolled()
    given = [Deposit("A-0042", kit.pdf(mark=str(i)), kind="contract") for i in range(400)]
    assert lite.acme.deposit_many(given).ok

    assert checked(lite, sample=0)[0] == {}
    assert 40 < checked(lite, sample=0.25)[0]["documents"] < 170
    seen = []
    assert (
        checked(lite, sample=1, on_progress=lambda *told: seen.append(told))[0]["documents"] == 400
    )
    assert seen == [(200, 400), (400, 400), (400, 400)]


@pytest.mark.parametrize("sample", [-0.1, 1.1, float("nan"), "1", None, True])
def test_a_share_is_from_nothing_to_all(lite, sample):
    """Anything else is refused, and that is journaled."""
    with pytest.raises(InvalidInput) as refused:
        lite.vault.upkeep.check(sample=sample)

    assert refused.value.field == "sample"
    assert lite.last_event() == ("check-vault", "invalid-input")


# ------------------------------------------------------------------ damage


def spoil(path, how):
    data = path.read_bytes()
    middle = len(data) // 2
    changed = {
        "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "cut": data[:-1],
        "longer": data + b"x",
        "empty": b"",
    }
    path.write_bytes(changed[how])


@pytest.mark.parametrize("how", ["flipped", "cut", "longer", "empty"])
@pytest.mark.parametrize("which", ["slip", "large", "evidence"])
def test_damaged_bytes_are_found(town, how, which):
    """Wherever the bytes differ, in the middle of a large document too."""
    (proof,) = town.rows("SELECT evidence FROM mycvault_declarations")
    one = {"slip": town.slips[0], "large": town.large, "evidence": proof.evidence}[which]
    spoil(place(town, one), how)
    counts, findings = checked(town)

    kind = "evidence" if which == "evidence" else "document"
    assert findings == [f"{kind} {one}: document-damaged"]
    assert counts["damaged"] == 1


def test_a_missing_blob_and_a_missing_row_are_told_apart(town):
    """For one a blob is to be restored, for the other the records."""
    place(town, town.slips[0]).unlink()
    town.run("DELETE FROM mycvault_contents WHERE id = :id", id=town.slips[1])
    counts, findings = checked(town)

    wanted = {
        f"document {town.slips[0]}: blob-missing",
        f"document {town.slips[1]}: content-missing",
    }
    assert set(findings) == wanted
    assert (counts["missing"], counts["orphans"]) == (2, 1)


FORGERIES = {
    "a size": "UPDATE mycvault_contents SET size = size + 1 WHERE id = :id",
    "a blob": "UPDATE mycvault_contents SET blob = (SELECT blob FROM mycvault_contents WHERE id = :other) WHERE id = :id",
    "an offset": 'UPDATE mycvault_contents SET "offset" = 1 WHERE id = :id',
    "a key's owner": "UPDATE mycvault_contents SET key_of = 'nobody' WHERE id = :id",
    "a wrapped key": "UPDATE mycvault_contents SET wrapped = (SELECT wrapped FROM mycvault_contents WHERE id = :other) WHERE id = :id",
    "a document's month": "UPDATE mycvault_documents SET period = '1999-01' WHERE id = :id",
    "a document's safe": "UPDATE mycvault_documents SET safe_id = (SELECT safe_id FROM mycvault_documents WHERE id = :other) WHERE id = :id",
    "an employer": "UPDATE mycvault_documents SET employer_id = 'nobody' WHERE id = :id",
    "a digest": "UPDATE mycvault_documents SET sha256 = (SELECT sha256 FROM mycvault_documents WHERE id = :other) WHERE id = :id",
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_row_is_found(town, what):
    """One finding for the document whose row was edited or swapped, and the rest is read."""
    forged, other = town.slips[0], town.other
    given = {"id": forged, "other": other}
    town.run(FORGERIES[what], **{k: v for k, v in given.items() if f":{k}" in FORGERIES[what]})
    counts, findings = checked(town)

    assert [finding.partition(": ")[0] for finding in findings] == [f"document {forged}"]
    assert counts.get("damaged", 0) + counts.get("unreadable", 0) == 1


def test_a_row_of_nobodys_is_a_stray(town):
    """A content that is no document's and no proof, or of a document that says it was destroyed: its key should not be there."""
    (row,) = town.rows("SELECT id FROM mycvault_documents WHERE destroyed_at IS NOT NULL")
    town.run("UPDATE mycvault_contents SET id = :new WHERE id = :old", new=row.id, old=town.other)
    counts, findings = checked(town)

    assert set(findings) == {
        f"content {row.id}: document-missing",
        f"document {town.other}: content-missing",
    }
    assert (counts["strays"], counts["missing"]) == (1, 1)


def test_keys_that_are_not_there_are_missed(town):
    """Of her account and of a safe; what they open is named too."""
    url = str(town._engine.url.render_as_string(hide_password=False))
    (safe,) = town.rows("SELECT id FROM mycvault_safes WHERE account_id IS NULL")
    (account,) = town.rows("SELECT id FROM mycvault_accounts")
    with raw_at(url) as raw:
        for row in raw.rows(TABLES["personal_keys"]):
            if row["id"] in {safe.id, account.id}:
                raw.remove(TABLES["personal_keys"], row)
    counts, findings = checked(town)

    assert {f"account {account.id}: record-damaged", f"safe {safe.id}: record-damaged"} <= set(
        findings
    )
    assert counts["keys_missing"] == 2
    assert counts["unreadable"] == 5


def test_an_employer_whose_key_is_not_there_is_no_outage(town):
    """Its documents are named; those of a joined safe open under her account's key and are read."""
    (employer,) = town.rows("SELECT id FROM mycvault_employers")
    town.run("DELETE FROM mycvault_keys WHERE id = :id", id=employer.id)
    town.vault._desk.keys._held.pop(employer.id)
    counts, findings = checked(town)

    assert f"document {town.other}: record-damaged" in findings
    assert counts["documents"] == 5
    assert town.slips[0] not in " ".join(findings)


def test_a_gap_in_the_journal_is_found(town):
    """An event that somebody took out is missed, whoever's it was."""
    (row,) = town.rows(
        "SELECT id, subject FROM mycvault_events WHERE sequence = 2 ORDER BY id LIMIT 1"
    )
    town.run("DELETE FROM mycvault_events WHERE id = :id", id=row.id)
    counts, findings = checked(town)

    assert findings == [f"journal {row.subject}: journal-broken"]
    assert counts["gaps"] == 1


def test_findings_name_nobody(town):
    """Everything is spoiled at once, and no name, address, title or reference is told, in no line of the journal either."""
    shutil.rmtree(town.folder / "blobs")
    (town.folder / "blobs").mkdir()
    counts, findings = checked(town)

    assert counts["missing"] == 6
    words = " ".join(findings)
    assert not any(word in words for word in (kit.GIVEN, kit.FAMILY, kit.EMAIL, "A-0042", "Acme"))


def test_a_thousand_findings_are_named(lite):
    """And the others counted: a lost bucket does not fill the memory."""
    lite.enrolled()
    given = [Deposit("A-0042", kit.pdf(300 + i), kind="contract") for i in range(1005)]
    assert lite.acme.deposit_many(given).ok
    lite.run("DELETE FROM mycvault_contents")
    counts, findings = checked(lite)

    assert counts["missing"] == 1005
    assert len(findings) == 1001
    assert findings[-1] == "and 5 more"


# ------------------------------------------------------------------ outages and traffic


def test_an_outage_is_raised(town):
    """Nobody is told of damage when the store does not answer."""

    class Silent(LocalBlobs):
        def get(self, key, *, start=0, end=None):
            raise BlobsUnavailable

    town.vault._desk.blobs = Silent(town.folder / "blobs")
    with pytest.raises(BlobsUnavailable):
        town.vault.upkeep.check()


def test_slow_things_are_never_done_inside_a_transaction(lite):
    """Nor the provider asked there, nor the store."""
    lite.enrolled()
    kit.slip(lite)
    desk = lite.vault._desk
    desk.blobs = kit.UnhurriedBlobs.before(desk.blobs, lite.vault)
    lite.vault.upkeep.check()
    lite.vault.upkeep.sweep()

    assert desk.blobs.calls >= 4


def test_a_check_beside_traffic_raises_no_alarm(house):
    """Documents come, are destroyed and swept as it runs: no finding but about what is damaged."""
    session = house.joined()
    stop, errors = threading.Event(), []

    def traffic():
        number = 0
        while not stop.is_set():
            number += 1
            try:
                note = session.safe.add(f"A note {number}.".encode(), title="Note").id
                session.safe.destroy(note)
                house.vault.upkeep.sweep(grace=dt.timedelta())
            except UnavailableError:
                continue
            except Exception as error:  # noqa: BLE001 - what must never be met is told
                errors.append(repr(error))
                return

    threads = [threading.Thread(target=traffic) for _ in range(3)]
    for thread in threads:
        thread.start()
    reports = [house.vault.upkeep.check() for _ in range(15)]
    stop.set()
    for thread in threads:
        thread.join(60)

    assert errors == []
    assert [report.findings for report in reports if not report.ok] == []
