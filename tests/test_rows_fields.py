"""
Sealed fields, in rows that carry no seal: each opens in its own table, column and row, under its own key, and nowhere else.
"""

import pytest
from sqlalchemy import MetaData, Table, select

from attack_kit import rig_at
from mycvault.errors import RecordDamaged
from mycvault.storage.columns import identity, sealed, sealed_by

FORMS = Table(
    "mycvault_test_forms",
    MetaData(),
    identity(),
    sealed_by(),
    sealed("raw", "bytes"),
    sealed("day", "date"),
    sealed("told", "json"),
)


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        FORMS.metadata.create_all(rig.records.engine)
        rig.keyring.make_employer_key("e", rig.now)
        rig.keyring.make_record_keys({"r1": "s1", "r2": "s2"}, "e", rig.now)
        yield rig


def add(rig, row):
    with rig.rows() as opened:
        opened.insert(FORMS, row)


def read(rig, statement):
    with rig.rows() as opened:
        return opened.all(statement)


def raw(rig, statement):
    with rig.records.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_every_form_of_a_field_comes_back(rig):
    """Bytes, a date and JSON come back as they went in."""
    row = {
        "id": "f",
        "sealed_by": "r1",
        "raw": b"\0\xff",
        "day": rig.now.date(),
        "told": {"é": [1]},
    }
    add(rig, row)

    (found,) = read(rig, select(FORMS))

    assert found == row


def test_a_field_opens_in_its_own_row_only(rig):
    """Fields that two rows exchanged open nowhere, even where no seal covers the row."""
    day = rig.now.date()
    for row_id in ("f", "g"):
        row = {"id": row_id, "sealed_by": "r1", "raw": b"x" + row_id.encode(), "day": day}
        add(rig, row | {"told": {}})
    raw(
        rig,
        "UPDATE mycvault_test_forms SET raw = (SELECT raw FROM mycvault_test_forms WHERE id = 'g')",
    )

    with pytest.raises(RecordDamaged):
        read(rig, select(FORMS).where(FORMS.c.id == "f"))
    assert read(rig, select(FORMS).where(FORMS.c.id == "g"))[0]["raw"] == b"xg"


@pytest.mark.parametrize(
    "change", ["raw = told", "id = 'h'", "sealed_by = 'r2'", "sealed_by = 'no'"]
)
def test_a_field_opens_in_its_own_column_under_its_own_key(rig, change):
    """A field moved to another column or id, or said to be under another key or none, does not open."""
    row = {"id": "f", "sealed_by": "r1", "raw": b"x", "day": rig.now.date(), "told": {"a": 1}}
    add(rig, row)

    raw(rig, f"UPDATE mycvault_test_forms SET {change}")

    with pytest.raises(RecordDamaged):
        read(rig, select(FORMS))
