"""
Asking for an export: what it needs, what it writes down, what it costs.
"""

import datetime as dt
import hashlib
import io
import pathlib
import subprocess
import sys
import tracemalloc

import pytest

import export_kit
import kit
from export_kit import exported, joined
from mycvault import ExportManifest, FreshConfirmationRequired, InvalidInput

MIB = 1 << 20
PAST_FRESH = dt.timedelta(minutes=5)


def slip(house, mark="October"):
    content = kit.pdf(mark=mark)
    return house.acme.deposit("A-0042", content, kind="payslip", period="2026-10").document_id


# ------------------------------------------------------------------ how it is asked for


def test_an_export_is_written_down_before_its_first_byte(house):
    """The event is there, with the number of documents, when the file is first written to; the digest is the file's."""
    safe = house.joined().safe
    slip(house)
    events = []

    class Watched(io.BytesIO):
        def write(self, piece):
            events.append(house.last_event())
            return super().write(piece)

    file, told = Watched(), []
    written = safe.export(file, on_progress=lambda done, total: told.append((done, total)))

    assert events[0] == ("export", "")
    assert written == ExportManifest(
        documents=1, size=len(file.getvalue()), sha256=hashlib.sha256(file.getvalue()).hexdigest()
    )
    assert told == [(0, 1), (1, 1)]
    assert safe.history().items[0].details["documents"] == "1"


def test_the_stream_is_the_same_zip(lite):
    """What is pulled holds the same files; only the journal has one event more."""
    safe = lite.joined().safe
    slip(lite)
    lite.acme.deposit("A-0042", kit.pdf(3 * MIB), kind="contract")
    file = exported(safe)

    pieces = list(safe.export_stream())
    stream = joined(pieces)

    assert max(map(len, pieces)) <= MIB
    assert stream.names == file.names
    assert stream.listed == file.listed
    assert all(stream.read(name) == file.read(name) for name in file.documents)
    assert stream.manifest["journal"]["events"] == file.manifest["journal"]["events"] + 1


def test_exporting_changes_nothing_and_may_be_repeated(house):
    """The same documents under the same names each time; none of them counts as opened."""
    safe = house.joined().safe
    slip(house, "one")
    slip(house, "two")
    before = safe.documents().items

    first, second = exported(safe), exported(safe)

    assert first.listed == second.listed
    assert safe.documents().items == before
    assert safe.count(unopened=True) == 2


def test_an_empty_safe_is_exported_too(lite, tmp_path):
    """No document, and still an archive that says so and can be checked."""
    export = exported(lite.joined().safe)
    folder = export_kit.unpacked(export.content, tmp_path / "export")

    assert (export.listed, export.documents) == ([], [])
    assert export_kit.run("sha256sum", "-c", "SHA256SUMS", inside=folder).count(": OK") == 5


@pytest.mark.parametrize("ask", [lambda s: s.export(io.BytesIO()), lambda s: s.export_stream()])
def test_an_export_needs_a_fresh_confirmation(house, ask):
    """Five minutes after she signed in both are refused by the call itself, in her history; a confirmation opens them."""
    session = house.joined()
    house.clock.advance(PAST_FRESH)
    with pytest.raises(FreshConfirmationRequired):
        ask(session.safe)
    assert house.last_event() == ("export", "fresh-confirmation-required")
    assert session.safe.history().items[0].details["refused"] == "fresh-confirmation-required"

    asked = session.reconfirm(kit.PASSWORD)
    session.finish_reconfirm(asked.challenge, house.code())
    ask(session.safe)
    assert house.last_event() == ("export", "")


@pytest.mark.parametrize("to", [io.StringIO(), "export.zip", pathlib.Path("export.zip"), None])
def test_only_a_binary_file_takes_an_export(lite, to):
    """A path or a file of text is refused before anything is written down as done."""
    with pytest.raises(InvalidInput) as refused:
        lite.joined().safe.export(to)

    assert refused.value.field == "to"
    assert lite.last_event() == ("export", "invalid-input")


def test_a_file_that_takes_little_at_a_time_gets_it_all(lite):
    """A raw file may take less than it is given."""

    class Slow(io.BytesIO):
        def write(self, piece):
            return super().write(piece[:100_000])

    file, safe = Slow(), lite.joined().safe
    lite.acme.deposit("A-0042", kit.pdf(MIB), kind="contract")
    safe.export(file)

    assert len(export_kit.Export(file.getvalue()).documents) == 1


# ------------------------------------------------------------------ what it costs


def test_memory_does_not_grow_with_the_documents(lite):
    """Eighty mebibytes pass through eight."""
    safe = lite.joined().safe
    for number in range(2):
        content = kit.pdf(40 * MIB, mark=str(number))
        lite.acme.deposit("A-0042", io.BytesIO(content), kind="contract")
    del content
    stream = safe.export_stream()
    tracemalloc.start()
    size = sum(map(len, stream))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 80 * MIB
    assert peak < 8 * MIB


def test_the_library_that_writes_zips_is_loaded_with_the_first_export():
    """A portal that only shows documents does not pay for it."""
    code = "import mycvault.vault, sys; print('zipstream' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
