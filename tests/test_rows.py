"""
What `Rows` seals, indexes and guards, on both databases, with tables of our own.

A row is believed when its seal is that of its columns under a key nobody else has; a field opens in its own place only; of
many who change a row one succeeds.
"""

import pytest
from sqlalchemy import MetaData, Table, select

from attack_kit import rig_at
from mycvault.errors import RecordDamaged
from mycvault.storage.columns import (
    blind,
    identity,
    moment,
    number,
    ref,
    row_seal,
    sealed,
    sealed_by,
    word,
)

META = MetaData()


def made(name):
    return Table(
        "mycvault_test_" + name,
        META,
        identity(),
        sealed_by(),
        ref("owner", nullable=True),
        word("state", nullable=True),
        number("count", nullable=True),
        moment("at"),
        moment("seen_at", loose=True),
        sealed("name"),
        sealed("note", nullable=True),
        blind("name_index", of="name", scope="owner", unique=True),
        row_seal(),
    )


THINGS = made("things")
OTHERS = made("others")
T = THINGS.c
ALL = select(THINGS).order_by(T.id)


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        META.create_all(rig.records.engine)
        rig.keyring.make_employer_key("e", rig.now)
        rig.keyring.make_record_keys({"r1": "s1", "r2": "s2"}, "e", rig.now)
        yield rig


def thing(rig, row_id="a", **other):
    row = {
        "id": row_id,
        "sealed_by": "r1",
        "owner": "o",
        "state": "new",
        "count": 1,
        "at": rig.now,
        "name": "Name " + row_id,
        "note": "a note",
    }
    return row | other


def add(rig, *rows, table=THINGS):
    with rig.rows() as opened:
        opened.insert(table, *rows)


def read(rig, statement=ALL, **parameters):
    with rig.rows() as opened:
        return opened.all(statement, **parameters)


def raw(rig, statement):
    with rig.records.engine.begin() as connection:
        return connection.exec_driver_sql(statement)


def test_a_row_comes_back_as_it_went_in(rig):
    """What is written is read again, sealed fields and moments included; nothing sealed lies there in clear."""
    add(rig, thing(rig), thing(rig, "b", note=None, owner=None))

    first, second = read(rig)

    assert {name: first[name] for name in thing(rig)} == thing(rig)
    assert (second["note"], second["owner"]) == (None, None)
    stored = repr(raw(rig, "SELECT * FROM mycvault_test_things").all())
    assert "Name a" not in stored
    assert "a note" not in stored


@pytest.mark.parametrize(
    "change",
    [
        "state = 'old'",
        "state = NULL",
        "count = 2",
        "count = NULL",
        "at = at + 1",
        "at = NULL",
        "owner = 'p'",
        "owner = NULL",
        "sealed_by = 'r2'",
        "note = NULL",
        "name = note",
        "name_index = NULL",
        "id = 'z'",
        "seal = name",
    ],
)
def test_an_edited_column_breaks_the_seal(rig, change):
    """Whichever column but a loose one is edited or nulled, the row is damaged, to readers and to changers."""
    add(rig, thing(rig))

    raw(rig, f"UPDATE mycvault_test_things SET {change}")

    with pytest.raises(RecordDamaged):
        read(rig)
    with pytest.raises(RecordDamaged), rig.rows() as opened:
        opened.change(THINGS, "z" if "id =" in change else "a", {"state": "x"}, where={})


def test_a_loose_column_may_be_anything(rig):
    """A loose column is outside the seal: it gives no authority."""
    add(rig, thing(rig))

    raw(rig, "UPDATE mycvault_test_things SET seen_at = 5")

    assert read(rig)[0]["seen_at"] is not None


def test_a_column_added_later_leaves_old_seals_good(rig):
    """A release that adds a column believes the rows of the one before; the new column is under the seal at once."""
    add(rig, thing(rig))
    raw(rig, "ALTER TABLE mycvault_test_things ADD COLUMN later VARCHAR(64)")
    newer = made_with_later()

    (found,) = read(rig, select(newer))
    with rig.rows() as opened:
        changed = opened.change(newer, "a", {"later": "x"}, where={"later": None})

    assert found["later"] is None
    assert changed
    assert read(rig, select(newer))[0]["later"] == "x"
    raw(rig, "UPDATE mycvault_test_things SET later = 'y'")
    with pytest.raises(RecordDamaged):
        read(rig, select(newer))


def made_with_later():
    """Make the newer release's table, which goes by the same name."""
    newer = Table(THINGS.name, MetaData(), *[column._copy() for column in THINGS.c])
    newer.append_column(word("later", nullable=True))
    return newer


def test_a_row_is_believed_in_its_own_table_only(rig):
    """A whole row copied into a table of the same columns is damaged there."""
    add(rig, thing(rig))

    raw(rig, "INSERT INTO mycvault_test_others SELECT * FROM mycvault_test_things")

    with pytest.raises(RecordDamaged):
        read(rig, select(OTHERS))


def test_a_row_is_believed_in_its_own_vault_only(rig):
    """The same row under the same keys is damaged to a vault of another id."""
    add(rig, thing(rig))

    with pytest.raises(RecordDamaged), rig.rows(vault_id=rig.new_id()) as opened:
        opened.all(ALL)


def test_an_invented_seal_is_refused(rig):
    """A seal of any form that was not made here is refused: empty, short, of no version, of another row."""
    add(rig, thing(rig), thing(rig, "b"))
    (of_b,) = raw(rig, "SELECT seal FROM mycvault_test_things WHERE id = 'b'").all()
    mark = "?" if rig.records.dialect == "sqlite" else "%s"

    for seal in (b"", b"\x01", b"\x01" + bytes(36), b"\x01\0\0\0\x02" + bytes(32), bytes(of_b[0])):
        with rig.records.engine.begin() as connection:
            update = f"UPDATE mycvault_test_things SET seal = {mark} WHERE id = 'a'"
            connection.exec_driver_sql(update, (seal,))
        with pytest.raises(RecordDamaged):
            read(rig, select(THINGS).where(T.id == "a"))


def test_an_index_finds_within_its_scope(rig):
    """Equal values have equal indexes in one scope, others in another scope, column, table or vault."""
    with rig.rows() as opened:
        same = opened.index(T.name_index, "Anna", scope="o")

        assert same == opened.index(T.name_index, "Anna", scope="o")
        assert len(same) == 32
        others = {
            opened.index(T.name_index, "Anna", scope="p"),
            opened.index(T.name_index, "Anna"),
            opened.index(T.name, "Anna", scope="o"),
            opened.index(OTHERS.c.name_index, "Anna", scope="o"),
            opened.index(T.name_index, "anna", scope="o"),
        }
        assert len(others) == 5
        assert same not in others


def test_insert_new_gives_way(rig):
    """A row whose unique index is taken is not written, and nothing of the other one changes."""
    with rig.rows() as opened:
        first = opened.insert_new(THINGS, thing(rig, name="Anna"))
        again = opened.insert_new(THINGS, thing(rig, "b", name="Anna"))
        elsewhere = opened.insert_new(THINGS, thing(rig, "c", name="Anna", owner="p"))

    assert (first, again, elsewhere) == (True, False, True)
    assert [row["id"] for row in read(rig)] == ["a", "c"]


def test_a_change_is_guarded(rig):
    """A row is changed only while it is as was said, and stays whole when it is not."""
    add(rig, thing(rig))

    with rig.rows() as opened:
        told = [
            opened.change(THINGS, "a", {"state": "used"}, where={"state": "old"}),
            opened.change(THINGS, "no", {"state": "used"}, where={}),
            opened.change(THINGS, "a", {"state": "used"}, where={"state": "new"}),
            opened.change(THINGS, "a", {"state": "again"}, where={"state": "new"}),
        ]

    assert told == [False, False, True, False]
    assert read(rig)[0]["state"] == "used"


def test_a_change_seals_and_indexes_again(rig):
    """A changed field is sealed and found anew; those left alone keep their bytes."""
    add(rig, thing(rig))
    (before,) = raw(rig, "SELECT note, name_index FROM mycvault_test_things").all()

    with rig.rows() as opened:
        opened.change(THINGS, "a", {"name": "Other", "count": None}, where={})

    (found,) = read(rig)
    (after,) = raw(rig, "SELECT note, name_index FROM mycvault_test_things").all()
    assert (found["name"], found["count"], found["note"]) == ("Other", None, "a note")
    assert bytes(before[0]) == bytes(after[0])
    with rig.rows() as opened:
        assert opened.index(T.name_index, "Other", scope="o") == bytes(after[1])


def test_one_of_several_damaged_rows_is_enough(rig):
    """A list with one damaged row is refused whole."""
    add(rig, thing(rig), thing(rig, "b"))

    raw(rig, "UPDATE mycvault_test_things SET state = 'x' WHERE id = 'b'")

    with pytest.raises(RecordDamaged):
        read(rig)
