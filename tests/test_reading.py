"""
Reading sealed contents back: equal to the library's own decryptor, and damaged whenever anything was changed.

Rule: never a wrong byte; nothing at all before place, header and final chunk agree.
"""

import contextlib
import io
import itertools
import threading

import attrs
import pytest
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from hypothesis import given, settings
from hypothesis import strategies as st

from mycvault.contents.model import Place
from mycvault.contents.reading import SMALL, open_sealed, read_sealed
from mycvault.crypto.content import CHUNK, sealed_size
from mycvault.errors import BlobMissing, BlobsUnavailable, DocumentDamaged

KEY = bytes(range(32))
CONTEXT = b"a context"
LARGE = 40 * CHUNK + 1000  # beyond what is read in one go
BORDERS = [k * CHUNK + d for k in (0, 1, 2, 15, 16, 17, 18, 40) for d in (-1, 0, 1)][1:]


class Shelf:
    """Blobs in memory, with every request written down."""

    def __init__(self, **blobs):
        self.blobs = blobs
        self.asked = []
        self.down = 0

    def get(self, key, *, start=0, end=None):
        self.asked.append((start, end))
        if self.down:
            self.down -= 1
            raise BlobsUnavailable
        if key not in self.blobs:
            raise BlobMissing
        return self.blobs[key][start:end]


def some(size):
    return (b"".join(b"%08d " % n + b"\n" * (n % 3) for n in range(size // 9 + 1)))[:size]


def sealed(plain, context=CONTEXT):
    cipher = Cobblestone256Encryptor(KEY, context)
    return cipher.update(plain) + cipher.finalize()


def stored(plain, *, before=b"", after=b""):
    """Put a sealed content between others of its pack."""
    raw = sealed(plain)
    pack, size = before + raw + after, len(plain)
    place = Place(blob="a", offset=len(before), length=len(raw), blob_size=len(pack), size=size)
    return Shelf(a=pack), place


def opened(shelf, place, context=CONTEXT):
    return open_sealed(shelf, place, key=KEY, context=context)


def damaged(shelf, place, context=CONTEXT):
    """Tell that both ways refuse before any byte."""
    with pytest.raises(DocumentDamaged):
        read_sealed(shelf, place, key=KEY, context=context)
    with pytest.raises(DocumentDamaged):
        opened(shelf, place, context)


@pytest.mark.parametrize("size", BORDERS)
def test_reader_gives_what_the_library_decrypts(size):
    """At every border of chunks, alone in its blob or within a pack, all ways of reading agree."""
    for around in ({}, {"before": b"12345", "after": b"678"}, {"before": b"12345"}):
        shelf, place = stored(some(size), **around)
        raw = shelf.blobs["a"][place.offset : place.offset + place.length]
        cipher = Cobblestone256Decryptor(KEY, CONTEXT)
        expected = cipher.update(raw) + cipher.finalize()

        assert expected == read_sealed(shelf, place, key=KEY, context=CONTEXT)
        with opened(shelf, place) as file:
            assert expected == file.read()
            assert file.read() == b""
            file.seek(0)
            assert expected.splitlines(keepends=True) == list(file)
            file.seek(0)
            assert expected == b"".join(iter(lambda: file.read(70_000), b""))


STEPS = st.one_of(
    st.tuples(st.sampled_from(["read", "readinto"]), st.integers(0, 4 * CHUNK)),
    st.tuples(st.just("readline"), st.integers(-1, 40)),
    st.tuples(st.just("read"), st.just(-1)),
    st.tuples(st.just("seek0"), st.one_of(st.sampled_from(BORDERS), st.integers(0, LARGE + 9))),
    st.tuples(st.just("seek1"), st.integers(-3 * CHUNK, 3 * CHUNK)),
    st.tuples(st.just("seek2"), st.integers(-LARGE, 9)),
)


@given(st.sampled_from([100, SMALL, LARGE - 1000, LARGE]), st.lists(STEPS, max_size=12))
@settings(deadline=None, max_examples=150)
def test_any_walk_is_that_of_a_plain_file(size, steps):
    """Any sequence of reads and seeks gives what a file of the plaintext gives."""
    ours, plain = opened(*stored(some(size))), io.BytesIO(some(size))

    for verb, number in steps:
        if verb.startswith("seek"):
            whence = int(verb[-1])
            base = (0, plain.tell(), size)[whence]
            if base + number < 0:
                with pytest.raises(ValueError):
                    ours.seek(number, whence)
            else:
                assert plain.seek(number, whence) == ours.seek(number, whence)
        elif verb == "readinto":
            expected, got = bytearray(number), bytearray(number)
            assert plain.readinto(expected) == ours.readinto(got)
            assert expected == got
        else:
            assert getattr(plain, verb)(number) == getattr(ours, verb)(number)
        assert plain.tell() == ours.tell()


def test_reader_is_a_file():
    """Readers of the standard library accept it, and a closed one says so."""
    with opened(*stored(some(LARGE))) as file:
        assert file.readable()
        assert file.seekable()
        assert not file.writable()
        assert some(LARGE).decode() == io.TextIOWrapper(file, newline="").read()
    for use in (file.read, file.tell, file.readline, lambda: file.seek(0)):
        with pytest.raises(ValueError):
            use()
    file.close()
    with opened(*stored(b"abc")) as file:
        with pytest.raises(ValueError):
            file.seek(0, 3)
        with pytest.raises(io.UnsupportedOperation):
            file.write(b"x")
        assert file.read1() == b"abc"


def test_threads_share_one_reader():
    """Threads that read one file get every piece once."""
    plain, pieces = some(LARGE), []
    with opened(*stored(plain)) as file:

        def read():
            pieces.extend(iter(lambda: file.read(9_000), b""))

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    expected = [plain[n : n + 9_000] for n in range(0, len(plain), 9_000)]
    assert sorted(expected) == sorted(pieces)


def test_small_content_takes_one_request():
    """Up to 256 KiB sealed, one request fetches and proves all; at a blob's end it asks one byte more."""
    shelf, place = stored(some(60_000))
    with opened(shelf, place) as file:
        file.read()
    assert [(0, place.length + 1)] == shelf.asked

    shelf, place = stored(some(60_000), before=b"12", after=b"3")
    read_sealed(shelf, place, key=KEY, context=CONTEXT)
    assert [(2, 2 + place.length)] == shelf.asked


def test_large_content_is_read_as_asked_for():
    """Opening takes two requests, a jump one of its chunk, and reading on goes ahead."""
    shelf, place = stored(some(LARGE * 3))
    file = opened(shelf, place)
    assert shelf.asked[:1] == [(0, 56 + 16400)]
    assert len(shelf.asked) == 2

    file.seek(70 * CHUNK + 5)
    file.read(10)
    assert shelf.asked[2] == (56 + 70 * 16400, 56 + 71 * 16400)

    file.seek(0)
    while file.read(10_000):
        pass
    assert len(shelf.asked) < 10
    assert all(end - start <= 64 * 16400 for start, end in shelf.asked)


def test_a_read_that_failed_is_repeated():
    """A store that does not answer moves nothing: the same read then gives the same bytes."""
    shelf, place = stored(some(LARGE))
    with opened(shelf, place) as file:
        file.seek(100)
        shelf.down = 1
        with pytest.raises(BlobsUnavailable):
            file.read(LARGE // 2)

        assert some(LARGE)[100 : 100 + LARGE // 2] == file.read(LARGE // 2)


def test_any_flipped_byte_of_a_small_content_is_damage():
    """Whichever byte of a small content is flipped, nothing is returned."""
    shelf, place = stored(some(700))
    raw = shelf.blobs["a"]

    for n in range(len(raw)):
        shelf.blobs["a"] = raw[:n] + bytes([raw[n] ^ (1 << n % 8)]) + raw[n + 1 :]
        damaged(shelf, place)


@given(st.integers(0, sealed_size(LARGE) - 1), st.integers(1, 255))
@settings(deadline=None, max_examples=60)
def test_a_flipped_byte_of_a_large_content_never_shows(place_of_byte, mask):
    """Header, first and final chunk are refused at once; another chunk when it is read, and it alone."""
    plain = some(LARGE)
    shelf, place = stored(plain)
    raw = bytearray(shelf.blobs["a"])
    raw[place_of_byte] ^= mask
    shelf.blobs["a"] = bytes(raw)
    hurt = (place_of_byte - 56) // 16400
    if hurt in {-1, 0, 40}:
        damaged(shelf, place)
        return

    with opened(shelf, place) as file:
        with pytest.raises(DocumentDamaged):
            file.read()
        for n in range(41):
            file.seek(n * CHUNK)
            with pytest.raises(DocumentDamaged) if n == hurt else contextlib.nullcontext():
                assert plain[n * CHUNK : (n + 1) * CHUNK] == file.read(CHUNK)


@pytest.mark.parametrize("size", [50_000, LARGE])
def test_a_cut_content_is_damage(size):
    """Cut between any two chunks, or by a byte, a content is damaged, whatever its row says."""
    shelf, place = stored(some(size))
    raw = shelf.blobs["a"]

    for cut in (*range(56, len(raw), 16400), 0, 55, 57, len(raw) - 1, len(raw) - 16):
        shelf.blobs["a"] = raw[:cut]
        damaged(shelf, place)
        # A forger who writes rows makes sizes that fit: the final chunk tells.
        for forged in (cut - 56 - 16 * n for n in ((cut - 56) // 16400, (cut - 56) // 16400 + 1)):
            damaged(shelf, attrs.evolve(place, size=forged, length=cut, blob_size=cut))


@pytest.mark.parametrize("size", [0, 50_000, LARGE])
def test_a_lengthened_blob_is_damage(size):
    """A byte behind the last content of a blob is damage; behind another it is the next content."""
    shelf, place = stored(some(size), before=b"before")
    shelf.blobs["a"] += b"\0"
    damaged(shelf, place)

    shelf, place = stored(some(size), after=b"after")
    assert some(size) == read_sealed(shelf, place, key=KEY, context=CONTEXT)


@pytest.mark.parametrize("size", [3 * CHUNK, LARGE, 40 * CHUNK])
def test_a_forged_place_is_damage(size):
    """Sizes, lengths and offsets that are not the content's own never give a byte."""
    shelf, place = stored(some(size), before=b"x" * 16400, after=b"y" * 16400)

    for by in (-CHUNK, -17, -1, 1, CHUNK):
        damaged(shelf, attrs.evolve(place, size=size + by))
        damaged(shelf, attrs.evolve(place, length=place.length + by))
        damaged(shelf, attrs.evolve(place, size=size + by, length=sealed_size(size + by)))
        damaged(shelf, attrs.evolve(place, offset=place.offset + by))
    damaged(shelf, attrs.evolve(place, blob_size=place.offset + place.length - 1))
    damaged(shelf, attrs.evolve(place, offset=-1))
    damaged(shelf, attrs.evolve(place, size=-1, length=55))


@pytest.mark.parametrize("size", [1000, LARGE])
def test_swapped_contents_are_damage(size):
    """Another document's bytes, the same document's under another id, and no bytes at all are damage."""
    shelf, place = stored(some(size))
    raw = shelf.blobs["a"]
    shelf.blobs["b"] = sealed(some(size), context=b"another")

    damaged(shelf, attrs.evolve(place, blob="b"))
    damaged(shelf, attrs.evolve(place, blob="c"))
    damaged(shelf, place, context=b"another")
    assert some(size) == read_sealed(shelf, place, key=KEY, context=CONTEXT)

    parts = [raw[:56], *(raw[n : n + 16400] for n in range(56, len(raw), 16400))]
    for one, other in itertools.pairwise(range(1, min(len(parts), 4))):
        mixed = list(parts)
        mixed[one], mixed[other] = mixed[other], mixed[one]
        shelf.blobs["a"] = b"".join(mixed)
        with pytest.raises(DocumentDamaged), opened(shelf, place) as file:
            file.read()
