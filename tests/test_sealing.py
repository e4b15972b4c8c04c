"""
What is taken in as a content: every way to hand one over, every refusal, and the stream that seals.

Rule: what a stream seals is what sealing whole would open, and nothing that was changed opens.
"""

import contextlib
import hashlib
import io
import pathlib
import shutil
import tracemalloc
import uuid

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor
from hypothesis import given, settings
from hypothesis import strategies as st

from mycvault.contents import rules, sealing
from mycvault.contents.model import Facts
from mycvault.contents.sealing import SealingStream
from mycvault.crypto import content
from mycvault.errors import DocumentDamaged, InvalidInput, UnacceptableContent

KEY = bytes(range(32))
CONTEXT = content.content_context(str(uuid.UUID(int=1)), str(uuid.UUID(int=2)))
MIB = 1024 * 1024
PDF = frozenset({rules.PDF})
ALL = frozenset({rules.PDF, rules.PNG, rules.JPEG, rules.TEXT})
LIMITS = {"max_bytes": 50 * MIB, "accepted": ALL}
BORDERS = [k * 16384 + d for k in range(4) for d in (-1, 0, 1) if k * 16384 + d >= 0]


def some(size):
    """Give *size* bytes of text that never repeat at a chunk's distance."""
    return (b"".join(b"%07d\n" % n for n in range(size // 8 + 1)))[:size]


def pdf(size):
    return b"%PDF-1.7\n" + bytes(size - 15) + b"%%EOF\n"


def sealed_stream(source, **changed):
    limits = {**LIMITS, **changed}
    return SealingStream(source, key=KEY, context=CONTEXT, **limits)


class Trickle(io.RawIOBase):
    """A file that gives a few bytes at a time, as a socket does."""

    def __init__(self, plain, step):
        self._plain, self._step = io.BytesIO(plain), step

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._plain.readinto(memoryview(buffer)[: self._step])


class Endless(io.RawIOBase):
    """A file of *size* bytes that are in no memory."""

    def __init__(self, size):
        self.left = size

    def read(self, size=-1):
        given = min(size, self.left)
        self.left -= given
        return b"x" * given


# ------------------------------------------------------------------ what is recognised


@pytest.mark.parametrize(
    ("expected", "plain"),
    [
        (rules.PDF, b"%PDF-1.4 ... %%EOF"),
        (rules.PDF, b"\0" * 1019 + b"%PDF-" + bytes(5000) + b"%%EOF" + b" " * 1019),
        (None, b"\0" * 1020 + b"%PDF-" + bytes(5000) + b"%%EOF"),
        (None, b"%PDF-" + bytes(5000) + b"%%EOF" + b" " * 1020),
        (rules.PNG, b"\x89PNG\r\n\x1a\n..."),
        (None, b"\x89PNG\n\x1a\n..."),
        (rules.JPEG, b"\xff\xd8\xff\xe0..."),
        (rules.TEXT, "été\t\r\n\f".encode()),
        (rules.TEXT, b"a" * 1023 + "é".encode()),
        (rules.TEXT, b"a" * 1021 + "\U0001f9fe".encode() + b"b"),
        (None, b"\xc3\x28"),
        (None, "\u0085".encode()),
        (None, b"a\0b"),
        (None, b"a\x1bb"),
        (None, b"a\x7fb"),
        (None, b"caf\xe9 latin"),
        (None, b""),
    ],
)
def test_types_are_recognised_by_both_ends(expected, plain):
    """A type is told by the first and last 1,024 bytes."""
    assert expected == rules.recognise(plain[:1024], plain[-1024:])


@pytest.mark.parametrize(
    ("reason", "plain", "max_bytes", "accepted"),
    [
        ("empty", b"", 10, ALL),
        ("too-large", b"12345678901", 10, ALL),
        ("type", b"1234567890", 10, PDF),
        ("type", b"\0" * 10, 10, ALL),
        ("type", b"%PDF-1.4\0", 10, PDF),
    ],
)
def test_content_is_refused_with_its_reason(reason, plain, max_bytes, accepted):
    """A refusal says why, and a stream gives the same one."""
    with pytest.raises(UnacceptableContent) as refused:
        sealing.examine(plain, max_bytes=max_bytes, accepted=accepted)
    stream = sealed_stream(io.BytesIO(plain), max_bytes=max_bytes, accepted=accepted)
    with pytest.raises(UnacceptableContent) as streamed:
        stream.read()

    assert reason == refused.value.reason == streamed.value.reason


# ------------------------------------------------------------------ the stream


@given(st.one_of(st.sampled_from(BORDERS[1:]), st.integers(1, 700_000)), st.integers(1, 300_000))
@settings(deadline=None, max_examples=50)
def test_stream_seals_what_it_reads(size, step):
    """Read in any pieces, from a file that gives any pieces, a stream is the sealed content."""
    plain = some(size)
    stream = sealed_stream(Trickle(plain, max(step // 3, 100)))
    sealed = b"".join(iter(lambda: stream.read(step), b""))

    cipher = Cobblestone256Decryptor(KEY, CONTEXT)
    digest = hashlib.sha256(plain).hexdigest()
    assert plain == cipher.update(sealed) + cipher.finalize()
    assert Facts(size=size, sha256=digest, media_type=rules.TEXT) == stream.facts
    assert stream.facts == sealing.examine(plain, **LIMITS)
    assert len(sealed) == stream.sealed_size


def test_stream_is_a_file():
    """A stream is copied by the standard library, fills buffers, and tells nothing before its end."""
    plain, copied = pdf(600_000), io.BytesIO()
    stream = sealed_stream(io.BytesIO(plain))
    buffer = bytearray(1000)
    assert stream.readable()
    assert not stream.seekable()
    assert len(buffer) == stream.readinto(buffer)
    with pytest.raises(ValueError):
        _ = stream.facts

    shutil.copyfileobj(stream, copied)

    sealed = bytes(buffer) + copied.getvalue()
    assert plain == content.unseal(sealed, key=KEY, context=CONTEXT)
    assert stream.facts.media_type == rules.PDF
    assert stream.read(10) == b""


def test_stream_stops_at_once():
    """A content too large, or of a wrong beginning, is refused while it is read, and again when asked again."""
    large, wrong = Endless(MIB * 1024), Endless(MIB * 1024)
    first = sealed_stream(large, max_bytes=MIB)
    second = sealed_stream(wrong, accepted=PDF, max_bytes=MIB * 2000)

    for stream, reason in ((first, "too-large"), (second, "type")):
        for _ in range(2):
            with pytest.raises(UnacceptableContent) as refused:
                shutil.copyfileobj(stream, io.BytesIO())
            assert reason == refused.value.reason
    assert large.left > MIB * 1022
    assert wrong.left > MIB * 1023


def test_wrong_end_is_refused_before_the_last_chunk():
    """A PDF that lost its end never becomes a sealed content that opens."""
    stored = io.BytesIO()

    with pytest.raises(UnacceptableContent):
        shutil.copyfileobj(sealed_stream(io.BytesIO(pdf(100_000)[:-1000])), stored, 1000)

    with pytest.raises(DocumentDamaged):
        content.unseal(stored.getvalue(), key=KEY, context=CONTEXT)


def test_stream_keeps_little_in_memory():
    """A large content passes within a few MiB."""
    stream = sealed_stream(Endless(128 * MIB), max_bytes=MIB * 1024)
    tracemalloc.start()
    with contextlib.closing(stream):
        while stream.read(64 * 1024):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 3 * MIB


# ------------------------------------------------------------------ taking hold


@pytest.mark.parametrize("size", [0, 1, 8 * MIB, 8 * MIB + 1, 8 * MIB + 70_000])
def test_every_way_gives_the_same_content(size, tmp_path):
    """Bytes, a path, a file and a slow file give bytes up to 8 MiB, else a stream from the start."""
    plain, path = some(size), tmp_path / "payslip"
    path.write_bytes(plain)
    with path.open("rb") as file:
        for given_in in (plain, path, file, Trickle(plain, 700_000)):
            with sealing.take(given_in) as taken:
                assert (size <= 8 * MIB) == isinstance(taken, bytes)
                assert plain == (taken if isinstance(taken, bytes) else taken.read())
        assert not file.closed


def test_large_path_is_closed(tmp_path):
    """A path is closed by us, also when its reader failed."""
    path = tmp_path / "large"
    path.write_bytes(bytes(9 * MIB))
    before = len(list(pathlib.Path("/proc/self/fd").iterdir()))

    with contextlib.suppress(KeyError), sealing.take(path):
        raise KeyError

    assert before == len(list(pathlib.Path("/proc/self/fd").iterdir()))


def test_what_is_no_content_is_refused(tmp_path):
    """A text, a text file, a folder, a missing path, a closed file: InvalidInput of the field."""
    path = tmp_path / "text"
    path.write_text("x")
    closed = io.BytesIO(b"x")
    closed.close()

    class Strings:
        def read(self, size):
            return "x" * size

    with path.open() as text:
        for wrong in (str(path), None, 7, text, tmp_path, tmp_path / "no", closed, Strings()):
            with pytest.raises(InvalidInput) as refused, sealing.take(wrong):
                pass
            assert refused.value.field == "content"
