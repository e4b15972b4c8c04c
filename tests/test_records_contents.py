"""The contents' rows: where bytes lie, as it was written."""

import pytest

from attack_kit import rig_at
from mycvault.contents import records
from mycvault.contents.model import Place
from mycvault.contents.records import Kept


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        yield rig


def test_a_place_comes_back(rig):
    """A content's place comes back as it was written, above four gigabytes too; another id gives none."""
    place = Place(blob="0" * 32, offset=5 << 32, length=90, blob_size=6 << 32, size=18)
    kept = [Kept(id=one, place=place, suite=1, key_of="safe", wrapped=b"\0\xff") for one in "ab"]

    with rig.rows() as rows:
        records.add(rows, kept)

        assert [records.find(rows, one.id) for one in kept] == kept
        assert records.find(rows, "no") is None
