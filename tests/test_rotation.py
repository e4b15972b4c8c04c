"""
Keys are rotated: everything opens as before, a second run changes nothing, and old wrappings open nothing any more.

What an attacker who writes the database puts back is refused or harmless, and never stops the rest.
"""

import attrs
import pytest

import kit
from attack_kit import TABLES
from mycvault import (
    KeysUnavailable,
    LocalKeys,
    MycvaultError,
    Policy,
    RecordDamaged,
    Vault,
    WrongKeys,
)
from mycvault.crypto.fields import version_of
from rotation_kit import NAMES, NOTHING, Place, closed_keys, complete, lives_on

KEYS, PERSONAL = TABLES["keys"], TABLES["personal_keys"]


@pytest.fixture
def place(tmp_path, records_url):
    place = Place(tmp_path, records_url)
    place.vault = place.made()
    place.raw_hand = place.raw()
    yield place
    place.raw_hand.close()
    place.vault.close()


def stored(place):
    return {table: place.raw_hand.rows(table) for table in (KEYS, PERSONAL)}


def put_back(place, snapshot):
    place.raw_hand.put_back(snapshot)


def rotated(place, **how):
    place.keys.add_key()
    return place.vault.upkeep.rotate_keys(**how)


def child_of(place, parent, table=KEYS):
    return next(row for row in place.raw_hand.rows(table) if row["wrapped_by"] == parent)


def employer_id(place):
    return place.vault.employer("acme")._record.id


# ------------------------------------------------------------------ what is done


def test_every_key_above_peoples_own_is_renewed(place):
    """The vault's, the accounts' and each employer's key are of a new version under the new root, and all lies under those."""
    before = stored(place)
    report = rotated(place)
    after = stored(place)

    root = place.keys.current()
    tops = {row["id"]: row for row in after[KEYS] if row["wrapped_by"] == root}
    assert {row["version"] for row in tops.values()} == {2}
    assert len(tops) == 3
    assert {row["wrapped_by"] for row in after[KEYS]} == {root, *tops}
    # One key of accounts and four safes' of hers, of which she joined one; a hold's.
    renewed = {"vault": 1, "employers": 2, "uses": 8, "accounts": 1, "records": 4, "safes": 4}
    assert report.counts == {**renewed, "left": 0}
    assert report.ok
    old = {bytes(row["wrapped"]) for table in before for row in before[table]}
    kept = {bytes(row["wrapped"]) for table in after for row in after[table]} & old
    # Under her account's key alone, which is the same as before.
    assert len(kept) == 1
    lives_on(place)


def test_a_second_run_changes_nothing(place):
    """Nor does one without a new root; keys made since are under the root of their time."""
    assert place.vault.upkeep.rotate_keys().counts == NOTHING
    rotated(place)
    before = stored(place)
    place.vault.add_employer("Later SAS", reference="later").enrol("L-1", **NAMES)
    grown = stored(place)

    assert place.vault.upkeep.rotate_keys().counts == NOTHING
    assert stored(place) == grown != before


def test_a_dry_run_counts_what_is_to_do_and_changes_nothing(place):
    """Its counts are those of the run after it, and all of it is left."""
    place.keys.add_key()
    before = place.raw_hand.everything()

    told = place.vault.upkeep.rotate_keys(dry_run=True)

    assert place.raw_hand.everything() == before
    done = place.vault.upkeep.rotate_keys()
    assert {**told.counts, "left": 0} == done.counts
    assert told.counts["left"] == sum(
        told.counts[name] for name in ("uses", "accounts", "records", "safes")
    )
    assert place.vault.upkeep.rotate_keys(dry_run=True).counts == NOTHING


def test_progress_rises_to_the_whole(place):
    """It never falls, and ends with all that was to do."""
    told = []
    rotated(place, on_progress=lambda done, total: told.append((done, total)))

    assert told == sorted(told)
    assert told[-1] == (17, 17)
    assert {total for _, total in told} == {17}


def test_a_rotation_is_a_line_in_the_journal(house):
    """One line with what was done; a dry run leaves none."""
    before = len(house.events())
    house.vault.upkeep.rotate_keys(dry_run=True)
    house.vault.upkeep.rotate_keys()

    assert house.events()[before:] == [("rotate-keys", "")]


def test_keys_of_many_pages_are_wrapped_again(place, monkeypatch):
    """More keys than one transaction takes: each is wrapped again, once."""
    monkeypatch.setattr("mycvault.keys.rotation._AT_ONCE", 2)
    monkeypatch.setattr("mycvault.keys.rotation._TOPS_AT_ONCE", 1)
    report = rotated(place)

    assert (report.counts["records"], report.counts["safes"], report.counts["uses"]) == (4, 4, 8)
    assert place.vault.upkeep.rotate_keys().counts == NOTHING
    lives_on(place)


def test_old_wrappings_are_gone_from_the_disk(tmp_path):
    """On SQLite neither file nor log holds the bytes that keys were wrapped in before."""
    place = Place(tmp_path, "sqlite")
    with place.made() as vault:
        raw = place.raw()
        old = [bytes(r["wrapped"]) for r in raw.rows(KEYS)]
        old += [bytes(r["wrapped"]) for r in raw.rows(PERSONAL) if r["wrapped_by"] != "accounts"]
        raw.close()
        place.keys.add_key()
        assert sum(one in on_disk(place) for one in old) == len(old)
        vault.upkeep.rotate_keys()
        still = [one for one in old if one in on_disk(place)]

    assert len(still) == 1  # the safe she joined, under her account's key


def on_disk(place):
    return b"".join(path.read_bytes() for path in place.folder.glob("*.sqlite3*"))


# ------------------------------------------------------------------ providers


@attrs.define
class Four:
    """A provider of somebody else's: four methods, and an answer that may fail."""

    inner: LocalKeys
    left: int = 10**9

    def _asked(self):
        self.left -= 1
        if self.left < 0:
            raise KeysUnavailable

    def current(self):
        return self.inner.current()

    def wrap(self, key, *, context):
        self._asked()
        return self.inner.wrap(key, context=context)

    def unwrap(self, wrapped, *, context):
        self._asked()
        return self.inner.unwrap(wrapped, context=context)

    def key_id(self, wrapped):
        return self.inner.key_id(wrapped)


def test_a_provider_that_stops_answering_is_raised_and_the_next_run_goes_on(place):
    """Wherever it stops answering, nothing is lost, and what was done stays done."""
    place.keys.add_key()
    place.vault.close()
    provider, failed = Four(place.keys), 0
    how = {"keys": provider, "records": place.records, "policy": Policy.for_tests()}
    done = {}
    with Vault.open(place.folder, **how) as vault:
        for left in range(12):
            provider.left = left
            try:
                report = vault.upkeep.rotate_keys()
            except KeysUnavailable:
                failed += 1
                provider.left = 10**9
                assert closed_keys(vault, place) == []
            else:
                done = report.counts
                break

    assert failed >= 2
    assert done["left"] == 0
    # It keeps no notes; the keyring learns from the rows, when the vault is opened with it.
    lives_on(place)
    place.keys.retire(place.first)
    with place.opened() as vault:
        assert closed_keys(vault, place) == []


def test_an_employer_that_no_row_names_is_renewed_too(place):
    """A key whose employer was never written, after a crash, needs no older root either."""
    place.vault._desk.keys.make_employer_key(place.vault._desk.new_id(), kit.START)
    assert rotated(place).counts["employers"] == 3
    place.keys.retire(place.first)

    assert {row["wrapped_by"] for row in place.raw_hand.rows(KEYS)}.isdisjoint({place.first})


# ------------------------------------------------------------------ a hand on the database


def test_a_key_that_does_not_open_stops_nothing(place):
    """It is told; all others go on, and no older root is needed for its sake; put right, it is wrapped again."""
    acme = employer_id(place)
    record, personal = child_of(place, acme), child_of(place, acme, PERSONAL)
    for table, row in ((KEYS, record), (PERSONAL, personal)):
        place.raw_hand.write(table, row, {"wrapped": spoilt(row["wrapped"])})

    report = rotated(place)

    assert sorted(report.findings) == sorted(
        f"key {row['id']}: record-damaged" for row in (record, personal)
    )
    assert report.counts["left"] == 2
    place.keys.retire(place.first)
    place.raw_hand.write(KEYS, record, {"wrapped": record["wrapped"]})
    place.raw_hand.write(PERSONAL, personal, {"wrapped": personal["wrapped"]})
    again = place.vault.upkeep.rotate_keys()
    assert (again.findings, again.counts["left"]) == ([], 0)
    assert (again.counts["records"], again.counts["safes"]) == (1, 1)
    lives_on(place)


def test_an_employers_key_that_does_not_open_stops_nothing(place):
    """It is told, and what is under it stays; everybody else's keys are renewed."""
    globex = place.vault.employer("globex")._record.id
    place.vault.close()
    (row,) = [one for one in place.raw_hand.rows(KEYS) if one["id"] == globex]
    place.raw_hand.write(KEYS, row, {"wrapped": spoilt(row["wrapped"])})
    place.keys.add_key()

    with place.opened() as vault:
        report = vault.upkeep.rotate_keys()

    assert report.findings == [f"key {globex}: wrong-keys"]
    assert (report.counts["employers"], report.counts["left"]) == (1, 1)
    with pytest.raises(MycvaultError):
        place.keys.retire(place.first)


def spoilt(wrapped):
    return bytes(wrapped[:-1]) + bytes([wrapped[-1] ^ 1])


def test_an_older_wrapping_that_is_put_back_opens_nothing(place):
    """Its version is gone: that one person's key is refused as damaged, by old and new processes, and by the next rotation."""
    acme = employer_id(place)
    old = child_of(place, acme)
    rotated(place)
    (new,) = [row for row in place.raw_hand.rows(KEYS) if row["id"] == old["id"]]
    place.raw_hand.write(KEYS, new, {"wrapped": old["wrapped"]})

    with place.opened() as vault:
        assert [line.partition(":")[0] for line in closed_keys(vault, place)] == [old["id"]]
        with pytest.raises(RecordDamaged):
            [one.matricule for one in vault.employer("acme").employees()]
        assert vault.upkeep.rotate_keys().counts == NOTHING
        place.keys.add_key()
        report = vault.upkeep.rotate_keys()
    assert report.findings == [f"key {old['id']}: record-damaged"]

    assert report.counts["left"] == 1


def test_an_older_employers_key_that_is_put_back_is_refused(place):
    """Who writes the older version in the place of the newer one is refused by whoever knows better, and with its root gone by all."""
    acme = employer_id(place)
    before = stored(place)
    rotated(place)
    (old,) = [row for row in before[KEYS] if row["id"] == acme]
    (new,) = [row for row in place.raw_hand.rows(KEYS) if row["id"] == acme]
    place.raw_hand.remove(KEYS, new)
    place.raw_hand.add(KEYS, old)

    with pytest.raises(RecordDamaged):
        place.vault.employer("acme").enrol("A-9", **NAMES)
    assert version_of(child_of(place, acme)["wrapped"]) == 2
    place.keys.retire(place.first)
    with place.opened() as vault, pytest.raises(WrongKeys):
        vault.employer("acme")


def test_an_older_version_beside_the_newer_one_is_swept_away(place):
    """Put back beside it, it is used for nothing, and the next rotation deletes it."""
    acme = employer_id(place)
    (old,) = [row for row in stored(place)[KEYS] if row["id"] == acme]
    rotated(place)
    place.raw_hand.add(KEYS, old)

    with place.opened() as vault:
        vault.employer("acme").enrol("A-9", **NAMES)
        assert {
            version_of(r["wrapped"]) for r in place.raw_hand.rows(KEYS) if r["wrapped_by"] == acme
        } == {2}
        vault.upkeep.rotate_keys()
    assert [row["version"] for row in place.raw_hand.rows(KEYS) if row["id"] == acme] == [2]
    lives_on(place)


def test_older_stores_that_are_put_back_whole_are_rotated_again(place):
    """As after a restore: with its root still there the vault opens and is rotated again; with its root retired it does not."""
    before = stored(place)
    rotated(place)
    place.vault.close()
    put_back(place, before)

    with place.opened() as vault:
        with pytest.raises(MycvaultError):
            place.keys.retire(place.first)  # it was told, as the vault was opened
        assert vault.upkeep.rotate_keys().counts["left"] == 0
    lives_on(place)
    place.keys.retire(place.first)
    put_back(place, before)
    with pytest.raises(WrongKeys):
        place.opened()


def test_a_joined_safe_is_under_renewed_keys(place):
    """Her account's key lies under the new version of what account keys lie under, her safe's under her account's as before."""
    rotated(place)
    session = complete(place.vault, "A-2", place.tokens.pop("A-2"))

    accounts = [row for row in place.raw_hand.rows(PERSONAL) if row["wrapped_by"] == "accounts"]
    assert [version_of(row["wrapped"]) for row in accounts] == [2, 2]
    lives_on(place, session=session)
