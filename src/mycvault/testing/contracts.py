"""
What every store of blobs must do, as a class of tests: subclass it and say how your store is opened.

The promises are those of `mycvault.Blobs`, each with a test. Keys are fresh in every test, so that one store may serve them all;
what they leave there is about 100 MiB, and may be thrown away.
"""

import io
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import pytest

from mycvault import BlobMissing, Blobs
from mycvault.testing.sources import SourceError, dribble

DOCUMENT = bytes(range(256)) * 240  # 60 kB, a payslip
LARGE = 8 * 1024 * 1024 + 1  # bytes; from here on a vault always passes a file


def new_key() -> str:
    """Make a key as a vault does: 32 lower-case hexadecimal digits, never used before."""
    return uuid.uuid4().hex


class BlobsContract:
    """
    What every store of blobs must do; subclass it, and override the fixture `make_blobs`.

    `leaves_nothing`: your `put` promises more than the port asks: after an error of its source there is nothing under the key.
    `checks_keys`: your store refuses what is no key or no range with ValueError, though a vault never passes such.
    """

    leaves_nothing: ClassVar[bool] = True
    checks_keys: ClassVar[bool] = True

    @pytest.fixture
    def make_blobs(self) -> Callable[[], Blobs]:
        """Give what opens a handle on the store; every call on the same store (or the one handle there is)."""
        raise NotImplementedError("override the fixture make_blobs")

    @pytest.fixture
    def blobs(self, make_blobs: Callable[[], Blobs]) -> Blobs:
        """One handle on the store."""
        return make_blobs()

    # ---------------------------------------------------------------- what is put is there, whole

    def test_it_is_a_blobs(self, blobs: Blobs) -> None:
        """The object meets the port."""
        assert isinstance(blobs, Blobs)

    @pytest.mark.parametrize(
        "data", [DOCUMENT, b"", b"x", memoryview(b"--" + DOCUMENT)[2:]], ids=len
    )
    def test_bytes_come_back(self, blobs: Blobs, data: bytes | memoryview) -> None:
        """What was put is given back whole, with its size."""
        key = new_key()
        blobs.put(key, data)
        assert blobs.get(key) == bytes(data)
        assert blobs.size(key) == len(data)

    def test_what_was_lent_may_change_afterwards(self, blobs: Blobs) -> None:
        """The vault uses a buffer again once `put` returned: what was stored does not change with it."""
        key, lent = new_key(), bytearray(DOCUMENT)
        blobs.put(key, memoryview(lent).toreadonly())
        lent[:] = bytes(len(lent))
        assert blobs.get(key) == DOCUMENT

    @pytest.mark.parametrize("size", [0, 1, len(DOCUMENT), LARGE])
    def test_files_come_back(self, blobs: Blobs, size: int) -> None:
        """A file that cannot seek and gives short reads is read to its end."""
        key, data = new_key(), (DOCUMENT * (size // len(DOCUMENT) + 1))[:size]
        blobs.put(key, dribble(data))
        assert blobs.size(key) == size
        assert blobs.get(key) == data

    def test_large_bytes_come_back(self, blobs: Blobs) -> None:
        """Bytes above 8 MiB are stored like any others."""
        key, data = new_key(), bytes(LARGE)
        blobs.put(key, data)
        assert blobs.size(key) == LARGE
        assert blobs.get(key, start=LARGE - 3) == data[-3:]

    def test_a_file_is_read_from_where_it_stands(self, blobs: Blobs) -> None:
        """What was read from a file before is not stored."""
        key, file = new_key(), io.BytesIO(b"0123456789")
        file.seek(4)
        blobs.put(key, file)
        assert blobs.get(key) == b"456789"

    def test_a_second_handle_sees_it(self, make_blobs: Callable[[], Blobs]) -> None:
        """What one handle put, another reads at once; what it deleted is gone for both."""
        key, one, other = new_key(), make_blobs(), make_blobs()
        one.put(key, DOCUMENT)
        assert other.size(key) == len(DOCUMENT)
        assert other.get(key, start=1, end=9) == DOCUMENT[1:9]
        other.delete(key)
        with pytest.raises(BlobMissing):
            one.get(key)

    # ---------------------------------------------------------------- ranges

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (0, None),
            (0, 4),
            (3, 7),
            (6, None),
            (9, 10),
            (0, 10),
            (0, 99),
            (4, 14),  # as long as the whole blob, and beyond its end
            (4, 99),
            (9, 99),
            (10, None),
            (10, 20),
            (50, None),
            (50, 60),
            (0, 0),
            (5, 5),
            (7, 3),
            (50, 50),
        ],
    )
    def test_ranges(self, blobs: Blobs, start: int, end: int | None) -> None:
        """A range is cut like a slice, and beyond the end there is nothing."""
        key = new_key()
        blobs.put(key, b"0123456789")
        for _ in range(2):
            assert blobs.get(key, start=start, end=end) == b"0123456789"[start:end]

    def test_ranges_of_an_empty_blob(self, blobs: Blobs) -> None:
        """Every range of an empty blob is empty."""
        key = new_key()
        blobs.put(key, b"")
        assert blobs.get(key, start=0, end=10) == b""
        assert blobs.get(key, start=5) == b""

    def test_many_ranges_of_one_blob(self, blobs: Blobs) -> None:
        """Documents of a pack are read each by its own range."""
        key, step = new_key(), 1000
        blobs.put(key, DOCUMENT)
        found = [
            blobs.get(key, start=start, end=start + step)
            for start in range(0, len(DOCUMENT) + step, step)
        ]
        assert b"".join(found) == DOCUMENT

    def test_ranges_of_a_large_blob(self, blobs: Blobs) -> None:
        """The ends of a large blob, and what crosses a mebibyte, are read without the rest."""
        key, data = new_key(), (DOCUMENT * (LARGE // len(DOCUMENT) + 1))[:LARGE]
        blobs.put(key, dribble(data, most=1 << 20))
        for start, end in [
            (0, 72),
            (LARGE - 17, LARGE),
            (LARGE - 17, LARGE + 1),
            (1048570, 1048590),
        ]:
            assert blobs.get(key, start=start, end=end) == data[start:end]

    # ---------------------------------------------------------------- what is not there

    @pytest.mark.parametrize(("start", "end"), [(0, None), (0, 4), (3, 7), (3, None), (5, 5)])
    def test_nothing_there_is_missing(self, blobs: Blobs, start: int, end: int | None) -> None:
        """Reading a key that was never put tells that it is missing, also beside others."""
        blobs.put(new_key(), b"other")
        with pytest.raises(BlobMissing):
            blobs.get(new_key(), start=start, end=end)
        with pytest.raises(BlobMissing):
            blobs.size(new_key())

    def test_delete(self, blobs: Blobs) -> None:
        """What was deleted is missing, and deleting again succeeds."""
        key, other = new_key(), new_key()
        blobs.put(key, DOCUMENT)
        blobs.put(other, b"other")
        blobs.delete(key)
        blobs.delete(key)
        blobs.delete(new_key())
        with pytest.raises(BlobMissing):
            blobs.get(key)
        with pytest.raises(BlobMissing):
            blobs.size(key)
        assert blobs.get(other) == b"other"

    def test_scan(self, blobs: Blobs) -> None:
        """The list names each key once, and not those deleted."""
        keys = {new_key() for _ in range(20)}
        for key in keys:
            blobs.put(key, b"x")
        gone = keys.pop()
        blobs.delete(gone)
        found = list(blobs.scan())
        assert keys <= set(found)
        assert gone not in found
        assert len(found) == len(set(found))

    def test_deleting_while_scanning(self, blobs: Blobs) -> None:
        """A sweep deletes what it has just been told of; the list goes on to its end."""
        keys = {new_key() for _ in range(20)}
        for key in keys:
            blobs.put(key, b"x")
        for key in blobs.scan():
            if key in keys:
                blobs.delete(key)
        assert not keys & set(blobs.scan())

    # ---------------------------------------------------------------- what goes wrong

    @pytest.mark.parametrize("size", [0, len(DOCUMENT), LARGE])
    @pytest.mark.parametrize("error", [SourceError(), OSError(5, "the source's own"), KeyError()])
    def test_the_error_of_a_source_passes(self, blobs: Blobs, size: int, error: Exception) -> None:
        """What a file raises while it is read comes out as the very same object."""
        key = new_key()
        with pytest.raises(type(error)) as caught:
            blobs.put(key, dribble(bytes(size), error=error))
        assert caught.value is error
        if self.leaves_nothing:
            with pytest.raises(BlobMissing):
                blobs.get(key)
            with pytest.raises(BlobMissing):
                blobs.size(key)
            assert key not in blobs.scan()

    def test_after_a_failed_source_the_store_goes_on(self, blobs: Blobs) -> None:
        """A failed `put` spoils nothing else."""
        with pytest.raises(SourceError):
            blobs.put(new_key(), dribble(DOCUMENT, error=SourceError()))
        key = new_key()
        blobs.put(key, DOCUMENT)
        assert blobs.get(key) == DOCUMENT

    @pytest.mark.parametrize(
        "key", ["", "../../etc", "../" + "a" * 29, "A" * 32, "g" * 32, "a" * 31, "a" * 32 + "\n"]
    )
    def test_what_is_no_key_is_refused(self, blobs: Blobs, key: str) -> None:
        """Only 32 lower-case hexadecimal digits reach the store, whatever the verb."""
        if not self.checks_keys:
            pytest.skip("this store trusts its vault")
        for data in (b"", dribble(b"x")):
            with pytest.raises(ValueError):
                blobs.put(key, data)
        for verb in (blobs.get, blobs.size, blobs.delete):
            with pytest.raises(ValueError):
                verb(key)

    @pytest.mark.parametrize(("start", "end"), [(-1, None), (0, -1), (-3, -1)])
    def test_a_range_from_the_end_is_refused(
        self, blobs: Blobs, start: int, end: int | None
    ) -> None:
        """A negative number means nothing here: stores would understand it differently."""
        if not self.checks_keys:
            pytest.skip("this store trusts its vault")
        key = new_key()
        blobs.put(key, DOCUMENT)
        with pytest.raises(ValueError):
            blobs.get(key, start=start, end=end)

    # ---------------------------------------------------------------- many at once

    def test_sixteen_threads(self, blobs: Blobs) -> None:
        """Threads that put and get different keys never see one another's bytes."""

        def work(number: int) -> None:
            for turn in range(10):
                key, data = new_key(), bytes([number]) * (1000 + turn)
                blobs.put(key, data if turn % 2 else dribble(data, most=300))
                assert blobs.get(key) == data
                assert blobs.get(key, start=10, end=20) == data[10:20]
                blobs.delete(key)

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(work, range(16)))

    def test_threads_read_one_blob(self, blobs: Blobs) -> None:
        """Readers of one blob do not share a position."""
        key = new_key()
        blobs.put(key, DOCUMENT)

        def work(start: int) -> bool:
            return blobs.get(key, start=start, end=start + 100) == DOCUMENT[start : start + 100]

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(work, range(0, 20_000, 100)))
