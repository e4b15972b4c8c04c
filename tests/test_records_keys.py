"""Wrapped keys: found by id, dropped one wrapping at a time, and opened only as what they were wrapped."""

import pytest

from attack_kit import TABLES, raw_at, rig_at
from mycvault.errors import (
    AlreadyActivated,
    KeysUnavailable,
    MycvaultError,
    RecordDamaged,
    WrongKeys,
)
from mycvault.keys import records
from mycvault.keys.service import Keyring
from mycvault.system import SystemEntropy


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        yield rig


@pytest.fixture
def raw(records_url):
    with raw_at(records_url) as raw:
        yield raw


def material(rig, key_id):
    with rig.rows() as rows:
        return rows.ring.key(key_id).material


def wrappings(rig, *ids):
    with rig.personal.reading() as connection:
        return {(one.id, one.wrapped_by) for one in records.find_personal(connection, ids)}


def test_a_safe_key_stays_the_same_when_she_joins(rig):
    """Under employer, under both, under her account alone: one key, opened in every one of the three."""
    employer = rig.employer()
    _, safe = rig.person(employer)
    alone = material(rig, safe)
    account = rig.new_id()

    rig.keyring.open_account(account, safe, employer, rig.now)
    both = material(rig, safe)
    under_both = {pair for pair in wrappings(rig, safe) if pair[0] == safe}
    rig.keyring.keep_only(account, [safe])

    assert alone == both == material(rig, safe)
    assert under_both == {(safe, employer), (safe, account)}
    assert {pair for pair in wrappings(rig, safe) if pair[0] == safe} == {(safe, account)}


def test_a_safe_that_left_its_employer_is_not_opened_again(rig):
    """Whoever comes after the one who joined is told so, and leaves no wrapping behind."""
    employer = rig.employer()
    _, safe = rig.person(employer)
    account = rig.new_id()
    rig.keyring.open_account(account, safe, employer, rig.now)
    rig.keyring.keep_only(account, [safe])
    before = wrappings(rig, safe)

    with pytest.raises(AlreadyActivated):
        rig.keyring.open_account(rig.new_id(), safe, employer, rig.now)

    assert wrappings(rig, safe) == before


def test_a_wrapping_that_stands_is_left_as_it_is(rig):
    """Writing a personal key again neither fails nor changes it; dropping none is no error."""
    _, safe = rig.person(rig.employer())
    before = material(rig, safe)
    with rig.personal.reading() as connection:
        (wrapped,) = records.find_personal(connection, [safe])

    with rig.personal.writing() as connection:
        records.add_personal(connection, [wrapped])
        records.drop_personal(connection, [])
        records.drop_personal(connection, [(safe, "no")])

    assert material(rig, safe) == before


def test_keys_below_a_parent_are_found(rig):
    """A parent's keys are found by its id; ids that nobody has give nothing."""
    employer = rig.employer()
    record, _ = rig.person(employer)

    with rig.records.reading() as connection:
        assert [one.id for one in records.find_below(connection, employer)] == [record]
        assert {one.id for one in records.find(connection, [employer, "no"])} == {employer}
        assert records.find_below(connection, "no") == []


@pytest.mark.parametrize("column", ["wrapped", "wrapped_by", "version", "id"])
@pytest.mark.parametrize("table", ["keys", "personal_keys"])
def test_a_key_opens_only_as_what_it_was_wrapped(rig, raw, table, column):
    """Wrapped bytes, parent, version or name of another key: none opens, in either store."""
    employers = [rig.employer(), rig.employer()]
    people = [rig.person(employer) for employer in employers]
    ids = [pair[table == "personal_keys"] for pair in people]
    one, other = (row for row in raw.rows(TABLES[table]) if row["id"] in ids)
    raw.remove(TABLES[table], other)
    changes = {column: other[column] if column != "version" else 2}

    raw.write(TABLES[table], one, changes)

    for key_id in ids:
        with pytest.raises(RecordDamaged):
            material(rig, key_id)


def fresh_keyring(rig):
    """Give a keyring of the same vault, as a process that has just started makes it."""
    made = Keyring(
        rig.vault_id,
        provider=rig.keyring.provider,
        entropy=SystemEntropy(),
        records=rig.records,
        personal=rig.personal,
    )
    with rig.records.reading() as connection:
        made.load(connection)
    return made


@pytest.mark.parametrize("what", ["bring", "enrol", "join"])
def test_an_employer_whose_key_was_deleted_is_a_typed_error(rig, raw, what):
    """A process that starts after an employer's key was deleted says that a record is damaged, in every verb."""
    employer = rig.employer()
    _, safe = rig.person(employer)
    (row,) = [row for row in raw.rows(TABLES["keys"]) if row["id"] == employer]
    raw.remove(TABLES["keys"], row)
    keyring = fresh_keyring(rig)
    verbs = {
        "bring": lambda: keyring.bring(employer),
        "enrol": lambda: keyring.make_record_keys({"r": "s"}, employer, rig.now),
        "join": lambda: keyring.open_account("a", safe, employer, rig.now),
    }

    with pytest.raises(RecordDamaged):
        verbs[what]()


@pytest.mark.parametrize("use", ["vault", "seals", "index", "accounts"])
def test_a_vault_key_of_another_use_is_refused(rig, raw, use):
    """The vault's keys changed places or went away: the vault does not open, and says so by a typed error."""
    rows = {row["id"]: row for row in raw.rows(TABLES["keys"])}

    raw.write(TABLES["keys"], rows[use], {"wrapped": rows["codes"]["wrapped"]})
    with pytest.raises((RecordDamaged, WrongKeys)):
        fresh_keyring(rig)
    raw.remove(TABLES["keys"], rows[use])
    with pytest.raises(MycvaultError):
        fresh_keyring(rig)


def test_an_employer_that_was_not_brought_is_said_to_be_unavailable(rig):
    """A safe under an employer's key that this process has not brought cannot be opened yet."""
    _, safe = rig.person(rig.employer())
    rig.keyring = fresh_keyring(rig)

    with pytest.raises(KeysUnavailable):
        material(rig, safe)
