"""
Keys are rotated: everything opens as before, a second run changes nothing, and old wrappings are gone.
"""

import contextlib

import attrs
import pytest

import kit
from mycvault import KeysUnavailable, LocalKeys, Policy, Vault
from mycvault.crypto.fields import version_of
from rotation_kit import (
    KEYS,
    NAMES,
    NOTHING,
    PERSONAL,
    Living,
    Place,
    closed_keys,
    complete,
    lives_on,
)


@pytest.fixture
def place(tmp_path, records_url):
    with contextlib.closing(Living(tmp_path, records_url)) as place:
        yield place


# ------------------------------------------------------------------ what is done


def test_every_key_above_peoples_own_is_renewed(place):
    """The vault's, the accounts' and each employer's key are of a new version under the new root, and all lies under those."""
    before = place.stored()
    report = place.rotated()
    after = place.stored()

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
    place.rotated()
    before = place.stored()
    place.vault.add_employer("Later SAS", reference="later").enrol("L-1", **NAMES)
    grown = place.stored()

    assert place.vault.upkeep.rotate_keys().counts == NOTHING
    assert place.stored() == grown != before


def test_a_dry_run_counts_what_is_to_do_and_changes_nothing(place):
    """Its counts are those of the run after it, and all of it is left."""
    place.keys.add_key()
    before = place.hand.everything()

    told = place.vault.upkeep.rotate_keys(dry_run=True)

    assert place.hand.everything() == before
    done = place.vault.upkeep.rotate_keys()
    assert {**told.counts, "left": 0} == done.counts
    assert told.counts["left"] == sum(
        told.counts[name] for name in ("uses", "accounts", "records", "safes")
    )
    assert place.vault.upkeep.rotate_keys(dry_run=True).counts == NOTHING


def test_progress_rises_to_the_whole(place):
    """It never falls, and ends with all that was to do."""
    told = []
    place.rotated(on_progress=lambda done, total: told.append((done, total)))

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
    report = place.rotated()

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
    assert place.rotated().counts["employers"] == 3
    place.keys.retire(place.first)

    assert {row["wrapped_by"] for row in place.hand.rows(KEYS)}.isdisjoint({place.first})


def test_a_joined_safe_is_under_renewed_keys(place):
    """Her account's key lies under the new version of what account keys lie under, her safe's under her account's as before."""
    place.rotated()
    session = complete(place.vault, "A-2", place.tokens.pop("A-2"))

    accounts = [row for row in place.hand.rows(PERSONAL) if row["wrapped_by"] == "accounts"]
    assert [version_of(row["wrapped"]) for row in accounts] == [2, 2]
    lives_on(place, session=session)
