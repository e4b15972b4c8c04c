"""
A hand on the database, and rotations: what it spoils stops nothing else, what it puts back is refused or harmless.
"""

import contextlib

import pytest

from mycvault import MycvaultError, RecordDamaged, WrongKeys
from mycvault.crypto.fields import version_of
from rotation_kit import KEYS, NAMES, NOTHING, PERSONAL, Living, closed_keys, lives_on


@pytest.fixture
def place(tmp_path, records_url):
    with contextlib.closing(Living(tmp_path, records_url)) as place:
        yield place


def child_of(place, parent, table=KEYS):
    return next(row for row in place.hand.rows(table) if row["wrapped_by"] == parent)


def employer_id(place):
    return place.vault.employer("acme")._record.id


def test_a_key_that_does_not_open_stops_nothing(place):
    """It is told; all others go on, and no older root is needed for its sake; put right, it is wrapped again."""
    acme = employer_id(place)
    record, personal = child_of(place, acme), child_of(place, acme, PERSONAL)
    for table, row in ((KEYS, record), (PERSONAL, personal)):
        place.hand.write(table, row, {"wrapped": spoilt(row["wrapped"])})

    report = place.rotated()

    assert sorted(report.findings) == sorted(
        f"key {row['id']}: record-damaged" for row in (record, personal)
    )
    assert report.counts["left"] == 2
    place.keys.retire(place.first)
    place.hand.write(KEYS, record, {"wrapped": record["wrapped"]})
    place.hand.write(PERSONAL, personal, {"wrapped": personal["wrapped"]})
    again = place.vault.upkeep.rotate_keys()
    assert (again.findings, again.counts["left"]) == ([], 0)
    assert (again.counts["records"], again.counts["safes"]) == (1, 1)
    lives_on(place)


def test_an_employers_key_that_does_not_open_stops_nothing(place):
    """It is told, and what is under it stays; everybody else's keys are renewed."""
    globex = place.vault.employer("globex")._record.id
    place.vault.close()
    (row,) = [one for one in place.hand.rows(KEYS) if one["id"] == globex]
    place.hand.write(KEYS, row, {"wrapped": spoilt(row["wrapped"])})
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
    place.rotated()
    (new,) = [row for row in place.hand.rows(KEYS) if row["id"] == old["id"]]
    place.hand.write(KEYS, new, {"wrapped": old["wrapped"]})

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
    before = place.stored()
    place.rotated()
    (old,) = [row for row in before[KEYS] if row["id"] == acme]
    (new,) = [row for row in place.hand.rows(KEYS) if row["id"] == acme]
    place.hand.remove(KEYS, new)
    place.hand.add(KEYS, old)

    with pytest.raises(RecordDamaged):
        place.vault.employer("acme").enrol("A-9", **NAMES)
    assert version_of(child_of(place, acme)["wrapped"]) == 2
    place.keys.retire(place.first)
    with place.opened() as vault, pytest.raises(WrongKeys):
        vault.employer("acme")


def test_an_older_version_beside_the_newer_one_is_swept_away(place):
    """Put back beside it, it is used for nothing, and the next rotation deletes it."""
    acme = employer_id(place)
    (old,) = [row for row in place.stored()[KEYS] if row["id"] == acme]
    place.rotated()
    place.hand.add(KEYS, old)

    with place.opened() as vault:
        vault.employer("acme").enrol("A-9", **NAMES)
        assert {
            version_of(r["wrapped"]) for r in place.hand.rows(KEYS) if r["wrapped_by"] == acme
        } == {2}
        vault.upkeep.rotate_keys()
    assert [row["version"] for row in place.hand.rows(KEYS) if row["id"] == acme] == [2]
    lives_on(place)


def test_older_stores_that_are_put_back_whole_are_rotated_again(place):
    """As after a restore: with its root still there the vault opens and is rotated again; with its root retired it does not."""
    before = place.stored()
    place.rotated()
    place.vault.close()
    place.hand.put_back(before)

    with place.opened() as vault:
        with pytest.raises(MycvaultError):
            place.keys.retire(place.first)  # it was told, as the vault was opened
        assert vault.upkeep.rotate_keys().counts["left"] == 0
    lives_on(place)
    place.keys.retire(place.first)
    place.hand.put_back(before)
    with pytest.raises(WrongKeys):
        place.opened()
