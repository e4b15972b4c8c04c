"""
What happens while an export runs: documents go and come, sessions end, stores fall silent, readers walk away.
"""

import datetime as dt
import itertools

import pytest

import export_kit
import kit
from export_kit import joined
from mycvault import BlobsUnavailable, SessionEnded, SetupError

MIB = 1 << 20
LARGE = kit.pdf(
    MIB
)  # more than a piece, so that each document's turn comes with a piece of its own


def deposit(house, count):
    """Deposit several large documents of different contents."""
    return [
        house.acme.deposit("A-0042", kit.pdf(MIB, mark=str(number)), kind="contract").document_id
        for number in range(count)
    ]


def begun(safe):
    """Begin to pull an export; give its first piece, and the rest to come."""
    stream = safe.export_stream()
    return next(stream), stream


def listed(first, stream):
    return [one["id"] for one in joined(itertools.chain([first], stream)).listed]


def connections(house):
    return house.vault._desk._records.engine.pool.checkedout()


class Store(kit.UnhurriedBlobs):
    """A store of blobs that may be told to fall silent, and does something the next time it is asked."""

    silent = False

    def get(self, key, **where):
        if self.silent:
            raise BlobsUnavailable
        return super().get(key, **where)


def watched(house):
    """Put a store that refuses to be asked inside a transaction before the house's own."""
    desk = house.vault._desk
    desk.blobs = Store.before(desk.blobs, house.vault)
    return desk.blobs


# ------------------------------------------------------------------ documents


def test_a_purge_takes_documents_out_of_a_running_export(house, tmp_path):
    """What the bin let go of before its turn came is not in it, and the archive is whole."""
    safe = house.joined().safe
    made = deposit(house, 4)
    safe.discard(made[1], made[3])
    first, stream = begun(safe)
    house.clock.advance(dt.timedelta(days=31))
    report = house.vault.upkeep.purge(dry_run=False)
    export = joined(itertools.chain([first], stream))

    assert report.counts["bin"] == 2
    assert [one["id"] for one in export.listed] == [made[0], made[2]]
    assert (export.manifest["exported"], export.manifest["damaged"]) == (2, 0)
    folder = export_kit.unpacked(export.content, tmp_path / "export")
    export_kit.run("sha256sum", "-c", "SHA256SUMS", inside=folder)


def test_what_another_browser_destroys_is_left_out(house):
    """Destroyed before its turn it is not in; the document that is being read is read to its end."""
    safe = house.joined().safe
    made = deposit(house, 3)
    first, stream = begun(safe)
    other = house.signed_in().safe
    other.destroy(made[0])
    other.destroy(made[2])
    export = joined(itertools.chain([first], stream))

    assert [one["id"] for one in export.listed] == made[:2]
    assert export.content_of(made[0]) == kit.pdf(MIB, mark="0")


def test_what_is_deposited_meanwhile_waits_for_the_next_one(lite):
    """An export ends, however busy a payroll is."""
    safe = lite.joined().safe
    made = deposit(lite, 2)
    first, stream = begun(safe)
    lite.acme.deposit("A-0042", kit.pdf(), kind="payslip")

    assert listed(first, stream) == made


def test_progress_ends_where_all_is_done(lite):
    """Documents that went meanwhile are not waited for."""
    safe = lite.joined().safe
    made = [safe.add(b"%d" % number, title="Note").id for number in range(210)]
    told = []

    def on_progress(done, total):
        told.append((done, total))
        if done == 1:
            for document in made[-9:]:
                safe.destroy(document)

    with (lite.folder / "export.zip").open("wb") as file:
        assert safe.export(file, on_progress=on_progress).documents == 201

    assert told[:2] == [(0, 210), (1, 210)]
    assert told[-1] == (201, 201)
    assert [done for done, _ in told[:-1]] == list(range(202))


def test_two_exports_run_at_once(lite):
    """Each is whole, pulled in turn by one thread."""
    safe = lite.joined().safe
    made = deposit(lite, 2)
    streams = safe.export_stream(), safe.export_stream()
    pieces = list(itertools.zip_longest(*streams, fillvalue=b""))

    for one in zip(*pieces, strict=True):
        assert [found["id"] for found in joined(one).listed] == made


# ------------------------------------------------------------------ her session


def test_ending_her_sessions_stops_a_running_export(house):
    """The next document is not read any more; the refusal is in her history, and the piece that came is no archive."""
    session = house.joined()
    deposit(house, 3)
    first, stream = begun(session.safe)
    session.end()
    pieces = [first]
    with pytest.raises(SessionEnded):
        pieces.extend(stream)

    assert len(b"".join(pieces)) < 2 * MIB
    assert house.last_event() == ("export", "session-ended")
    told = [event.details.get("refused") for event in house.signed_in().safe.history()]
    assert told.count("session-ended") == 1


def test_a_slow_line_does_not_stop_an_export(lite):
    """A session that would have idled away, or come to its absolute end, carries its export to the last byte."""
    session = lite.joined()
    made = deposit(lite, 3)
    first, stream = begun(session.safe)
    lite.clock.advance(dt.timedelta(hours=13))

    assert listed(first, stream) == made
    with pytest.raises(SessionEnded):
        session.safe.export_stream()


def test_an_export_that_ended_before_it_was_pulled_gives_nothing(lite):
    """The first byte asks for the session again."""
    session = lite.joined()
    stream = session.safe.export_stream()
    session.end()
    with pytest.raises(SessionEnded):
        next(stream)

    assert lite.last_event() == ("export", "session-ended")


# ------------------------------------------------------------------ readers


def test_a_reader_who_walks_away_leaves_nothing_behind(house):
    """Closed, dropped or never begun: no connection is held, no transaction open, nothing refused."""
    safe = house.joined().safe
    made = deposit(house, 2)
    events = len(house.events())
    first, closed = begun(safe)
    closed.close()
    _, dropped = begun(safe)
    del dropped
    safe.export_stream()

    assert first.startswith(b"PK\x03\x04")
    assert house.events()[events:] == [("export", "")] * 3
    assert connections(house) == 0
    assert not house.vault._desk.transaction_is_open()
    safe.discard(*made)


def test_what_the_file_raises_passes_through(lite):
    """A full disk or a broken connection of the host's is the host's, and no refusal."""
    safe = lite.joined().safe
    deposit(lite, 1)

    class Broken:
        def write(self, piece):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        safe.export(Broken())

    assert lite.last_event() == ("export", "")
    assert connections(lite) == 0


# ------------------------------------------------------------------ stores


def test_no_transaction_is_open_while_bytes_are_read_or_handed_out(house):
    """The store refuses to be asked inside one; between two pieces there is none either."""
    safe = house.joined().safe
    deposit(house, 2)
    store = watched(house)
    for _ in safe.export_stream():
        assert not house.vault._desk.transaction_is_open()
        assert connections(house) == 0

    assert store.calls > 4


def test_a_store_that_falls_silent_is_told(lite):
    """No document is taken for damaged because a disk does not answer; nothing is journaled as a refusal."""
    safe = lite.joined().safe
    deposit(lite, 3)
    store = watched(lite)
    _, stream = begun(safe)
    store.silent = True
    with pytest.raises(BlobsUnavailable):
        list(stream)

    assert lite.last_event() == ("export", "")
    store.silent = False
    assert len(joined(safe.export_stream()).listed) == 3


def test_an_export_of_a_closed_vault_does_not_begin(lite):
    """A stream that was asked for and not pulled says so."""
    stream = lite.joined().safe.export_stream()
    lite.vault.close()
    with pytest.raises(SetupError):
        next(stream)
