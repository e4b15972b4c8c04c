"""
Compacting packs that are mostly dead: what lives in them moves, unharmed, while people read.
"""

import datetime as dt
import io
import threading

import pytest

import kit
from attack_kit import pack
from mycvault import BlobsUnavailable, DocumentMissing, UnavailableError
from mycvault.stories import compacting

NOW = dt.timedelta()
DAY = dt.timedelta(days=1)
SIZES = (600, 20_000, 700, 90_000, 800, 16_384, 900)


@pytest.fixture
def packed(house):
    """Seven documents in one pack, another whose documents all live, and documents of their own."""
    house.session = house.joined()
    house.given = {
        kit_id: content
        for size in SIZES
        for content in [kit.pdf(size)]
        for kit_id in [
            house.acme.deposit("A-0042", content, kind="contract", reference=str(size)).document_id
        ]
    }
    house.others = [kit.slip(house, mark).document_id for mark in "ab"]
    house.alone = kit.slip(house, "alone").document_id
    pack(house.vault, list(house.given), "aa" * 16)
    pack(house.vault, house.others, "bb" * 16)
    house.vault.upkeep.sweep(grace=NOW)
    assert len(house.blobs()) == 3
    return house


def destroy(house, *ids):
    for one in ids:
        house.session.safe.destroy(one)
        house.given.pop(one)


def compacted(house, **how):
    report = house.vault.upkeep.compact(**how)
    assert report.ok, report.findings
    return {name: count for name, count in report.counts.items() if count}


def all_read(house):
    return {one: house.session.safe.read(one) for one in house.given} == house.given


def test_a_pack_mostly_dead_is_rewritten(packed):
    """Its living documents lie in a new blob, half the old one goes with the sweep after its grace; others stay as they are."""
    large = list(packed.given)[3]
    destroy(packed, large)
    seen = []
    before = set(packed.blobs())
    counts = compacted(packed, on_progress=lambda *told: seen.append(told))

    assert counts["sparse"] == counts["rewritten"] == 1
    assert counts["moved"] == 6
    assert counts["freed"] > 90_000
    assert seen == [(1, 1)]
    assert len(set(packed.blobs()) - before) == 1
    assert all_read(packed)
    assert packed.vault.upkeep.sweep().counts["first_seen"] == 1
    assert compacted(packed) == {}
    packed.clock.advance(30 * DAY)
    assert packed.vault.upkeep.sweep().counts["deleted"] == 1
    packed.session = packed.signed_in()
    assert all_read(packed)
    assert packed.vault.upkeep.check().ok
    assert "aa" * 16 not in packed.blobs()


def test_what_lives_by_half_stays(packed):
    """A pack of which half lives is not rewritten, nor a blob of one document, whatever its size."""
    destroy(packed, next(iter(packed.given)))

    assert compacted(packed) == {}
    assert packed.last_event() == ("compact", "")


def test_a_reader_goes_on_in_the_old_blob(packed):
    """A stream that was opened before reads to its end after it."""
    kept = list(packed.given)[1]
    destroy(packed, list(packed.given)[3])
    with packed.session.safe.open(kept) as stream:
        begin = stream.read(100)
        assert compacted(packed)["moved"] == 6
        assert begin + stream.read() == packed.given[kept]


def test_held_documents_move_under_the_holds_key(packed):
    """An erased account's documents that a hold keeps are copied and still open to a check."""
    destroy(packed, list(packed.given)[3])
    packed.vault.upkeep.hold("acme", "A-0042", reason="a dispute")
    packed.session.security.erase_account()

    assert compacted(packed)["moved"] == 6
    report = packed.vault.upkeep.check()
    assert report.ok
    assert report.counts["documents"] == 9


@pytest.mark.parametrize("how", ["destroyed", "held", "moved"])
def test_what_changes_meanwhile_is_left_out(packed, monkeypatch, how):
    """Between reading and entering: destroyed documents stay destroyed, re-wrapped keys stay re-wrapped, another's move stays."""
    destroy(packed, list(packed.given)[3])
    one = list(packed.given)[1]
    enter, again = compacting._enter, []

    def late(call, blob, places):
        if not again:
            again.append(blob)
            if how == "destroyed":
                destroy(packed, one)
            elif how == "held":
                packed.vault.upkeep.hold("acme", "A-0042", reason="a dispute")
                packed.session.security.erase_account()
            else:
                assert compacted(packed)["moved"] == 6
        return enter(call, blob, places)

    monkeypatch.setattr(compacting, "_enter", late)
    counts = compacted(packed)

    left = {"destroyed": 1, "held": 6, "moved": 6}[how]
    assert counts["left"] == left
    assert counts.get("moved", 0) == 6 - left
    assert packed.vault.upkeep.check().ok
    packed.vault.upkeep.sweep(grace=NOW)
    assert packed.vault.upkeep.check().ok
    if how == "destroyed":
        with pytest.raises(DocumentMissing):
            packed.session.safe.read(one)
        assert all_read(packed)


def test_a_new_pack_that_is_swept_before_it_is_entered_is_left(packed, monkeypatch):
    """A sweep without grace between the two: nothing moves, nothing is lost; the next run does it."""
    destroy(packed, list(packed.given)[3])
    enter = compacting._enter

    def late(call, blob, places):
        packed.vault.upkeep.sweep(grace=NOW)
        return enter(call, blob, places)

    monkeypatch.setattr(compacting, "_enter", late)
    assert compacted(packed) == {"sparse": 1, "left": 6}
    assert all_read(packed)
    monkeypatch.undo()
    assert compacted(packed)["moved"] == 6
    assert all_read(packed)


@pytest.mark.parametrize("how", ["bytes", "row", "blob"])
def test_what_is_damaged_is_named_and_stays(packed, how):
    """The others move; damage is not copied into the new pack."""
    destroy(packed, list(packed.given)[3])
    damaged, other = list(packed.given)[:2]
    path = packed.folder / "blobs" / "aa" / ("aa" * 16)
    if how == "bytes":
        data = bytearray(path.read_bytes())
        data[100] ^= 1  # within the first document, whose offset is 0
        path.write_bytes(data)
    elif how == "row":
        packed.run(
            "UPDATE mycvault_contents SET wrapped = (SELECT wrapped FROM mycvault_contents WHERE id = :other) WHERE id = :id",
            other=other,
            id=damaged,
        )
    else:
        path.unlink()
    report = packed.vault.upkeep.compact()

    if how == "blob":
        assert set(report.findings) == {f"document {one}: blob-missing" for one in packed.given}
        assert report.counts["moved"] == 0
        return
    assert report.findings == [f"document {damaged}: document-damaged"]
    assert (report.counts["moved"], report.counts["freed"]) == (5, 0)
    packed.given.pop(damaged)
    assert all_read(packed)
    report = packed.vault.upkeep.compact()
    assert report.findings == [f"document {damaged}: document-damaged"]
    assert report.counts["moved"] == 0


def test_a_forged_row_makes_nobody_move(packed):
    """A row that says a pack is mostly empty only costs a copy; one that points into another's pack does not open."""
    packed.run(
        "UPDATE mycvault_contents SET blob_size = 1000000 WHERE id = :id", id=packed.others[0]
    )
    packed.run(
        "UPDATE mycvault_contents SET blob = :blob WHERE id = :id", blob="bb" * 16, id=packed.alone
    )
    report = packed.vault.upkeep.compact()

    assert set(report.findings) == {
        f"document {one}: document-damaged" for one in (packed.others[0], packed.alone)
    }
    assert packed.session.safe.read(packed.others[1]) == kit.pdf(mark="b")


def test_an_outage_leaves_all_as_it_was(packed):
    """The store fails as the new pack is written: the error passes through, and another run moves everything."""
    destroy(packed, list(packed.given)[3])
    blobs = packed.vault._desk.blobs
    packed.vault._desk.blobs = kit.UnhurriedBlobs.before(blobs, packed.vault)
    packed.vault._desk.blobs.failure = BlobsUnavailable()
    with pytest.raises(BlobsUnavailable):
        packed.vault.upkeep.compact()
    assert all_read(packed)
    packed.vault._desk.blobs.failure = None

    assert compacted(packed)["moved"] == 6
    assert all_read(packed)


def test_readers_never_fail_beside_compactions(packed):
    """Packs are made, thinned and rewritten as two threads read without a pause."""
    wanted = dict(list(packed.given.items())[:3])
    stop, errors, reads = threading.Event(), [], []

    def reads_on():
        while not stop.is_set():
            for one, content in wanted.items():
                try:
                    if packed.session.safe.read(one) != content:
                        errors.append(one)
                    reads.append(one)
                except UnavailableError:
                    continue
                except Exception as error:  # noqa: BLE001 - what must never be met is told
                    errors.append(repr(error))

    threads = [threading.Thread(target=reads_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    safe = packed.session.safe
    for turn in range(6):
        large = safe.add(io.BytesIO(kit.pdf(200_000)), title="Large").id
        pack_all = [*wanted, large]
        pack(packed.vault, pack_all, f"{turn:02x}" * 16)
        safe.destroy(large)
        assert compacted(packed)["moved"] >= 3
        packed.vault.upkeep.sweep()
    stop.set()
    for thread in threads:
        thread.join(60)

    assert errors == []
    assert len(reads) > 10
