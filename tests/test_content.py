"""
Sealed contents: sizes at the chunk borders, ranges, and everything that must not open.

Rule: a range opens to what the library's own decryptor gives, and nothing that was changed opens.
"""

import itertools
import uuid

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from hypothesis import given, settings
from hypothesis import strategies as st

from mycvault.crypto import content
from mycvault.errors import DocumentDamaged

KEY = bytes(range(32))
CONTEXT = content.content_context(str(uuid.UUID(int=1)), str(uuid.UUID(int=2)))
BORDERS = [k * 16384 + d for k in range(4) for d in (-1, 0, 1) if k * 16384 + d >= 0]
SIZES = st.one_of(st.sampled_from(BORDERS), st.integers(0, 70_000))


def some(size):
    """Give *size* bytes of text that never repeat at a chunk's distance."""
    return (b"".join(b"%07d\n" % n for n in range(size // 8 + 1)))[:size]


# ------------------------------------------------------------------ the format


@given(SIZES)
@settings(deadline=None)
def test_sealed_size_is_the_size_of_what_was_sealed(size):
    """The size of a sealed content follows from its own, and it opens again."""
    sealed = content.seal(some(size), key=KEY, context=CONTEXT)

    assert content.sealed_size(size) == len(sealed)
    assert some(size) == content.unseal(sealed, key=KEY, context=CONTEXT)


def test_context_has_one_width():
    """The context is 50 bytes that name vault and document."""
    assert b"mycvault/1/content" + bytes(15) + b"\1" + bytes(15) + b"\2" == CONTEXT
    assert len(CONTEXT) == 50
    with pytest.raises(ValueError):
        content.content_context("no id", str(uuid.UUID(int=2)))


@given(SIZES, st.integers(0, 5), st.integers(1, 5))
@settings(deadline=None)
def test_opener_opens_what_the_library_sealed(size, first, count):
    """Chunks opened one range at a time are the library's own plaintext."""
    cipher = Cobblestone256Encryptor(KEY, CONTEXT)
    sealed = cipher.update(some(size)) + cipher.finalize()
    last = size // content.CHUNK
    first = min(first, last)
    opener = content.Opener(KEY, CONTEXT, sealed[:56])

    part = sealed[56 + first * 16400 :][: count * 16400]

    expected = some(size)[first * 16384 :][: count * 16384]
    assert expected == opener.open_chunks(first, part, last=last)


def test_opener_refuses_a_wrong_header():
    """Another key, another context, any changed byte of the header: refused before a chunk is opened."""
    header = content.seal(b"x", key=KEY, context=CONTEXT)[:56]

    for key, context, head in (
        (bytes(32), CONTEXT, header),
        (KEY, CONTEXT[:-1], header),
        (KEY, CONTEXT, header[:-1]),
        *((KEY, CONTEXT, flipped(header, n)) for n in range(56)),
    ):
        with pytest.raises(DocumentDamaged):
            content.Opener(key, context, head)


@pytest.mark.parametrize(
    ("first", "start", "end", "last"),
    [
        (0, 0, 16399, 2),  # a whole chunk cut
        (0, 0, 16401, 2),  # one byte of the next
        (1, 0, 16400, 2),  # another chunk's number
        (0, 0, 16400, 0),  # a whole chunk where the last should be
        (2, 32800, 32900, 3),  # the last chunk where a whole one should be
        (2, 32800, 32815, 2),  # less than a tag
        (1, 16400, 32916, 1),  # more chunks than there are
        (0, 0, 0, 2),  # nothing
    ],
)
def test_opener_refuses_chunks_that_do_not_fit(first, start, end, last):
    """A range that is not made of whole chunks, each in its place, does not open."""
    sealed = content.seal(some(2 * 16384 + 100), key=KEY, context=CONTEXT)
    opener = content.Opener(KEY, CONTEXT, sealed[:56])

    with pytest.raises(DocumentDamaged):
        opener.open_chunks(first, sealed[56:][start:end], last=last)


@given(st.integers(0, 16384 * 2 + 300), st.data())
@settings(deadline=None, max_examples=60)
def test_nothing_changed_opens(size, data):
    """A flipped, cut or lengthened content is damaged."""
    sealed = content.seal(some(size), key=KEY, context=CONTEXT)
    place = data.draw(st.integers(0, len(sealed) - 1))

    for other in (flipped(sealed, place), sealed[:place], sealed + b"\0", b""):
        with pytest.raises(DocumentDamaged):
            content.unseal(other, key=KEY, context=CONTEXT)


def flipped(raw, place):
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


@given(SIZES, st.lists(st.integers(0, 40_000), max_size=5))
@settings(deadline=None)
def test_sealer_takes_any_pieces(size, cuts):
    """Sealed in any pieces, by either form of update, a content opens."""
    plain, borders = some(size), sorted({0, size, *(cut for cut in cuts if cut < size)})
    pieces = [plain[a:b] for a, b in itertools.pairwise(borders)]
    one, other, written = content.Sealer(KEY, CONTEXT), content.Sealer(KEY, CONTEXT), b""

    sealed = b"".join(map(one.update, pieces)) + one.finalize()
    for piece in pieces:
        buffer = bytearray(content.room(len(piece)))
        written += buffer[: other.update_into(piece, buffer)]
    written += other.finalize()

    for each in (sealed, written):
        cipher = Cobblestone256Decryptor(KEY, CONTEXT)
        assert plain == cipher.update(each) + cipher.finalize()
