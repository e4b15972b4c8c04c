"""
Fields, wrapped keys, seals and the encoding under them: bound to their key, version and place, and to nothing else.

Rule: other bytes, another place, another key and another version are all `NotAuthentic`.
"""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycvault.crypto.encoding import encode
from mycvault.crypto.fields import Key, NotAuthentic, equal, subkey, version_of

KEY = Key("k", 3, bytes(range(32)))
VALUES = st.one_of(
    st.text(max_size=6), st.binary(max_size=6), st.integers(), st.booleans(), st.none()
)
VECTORS = st.lists(VALUES, max_size=4)


def same(one, other):
    """Tell whether two lists are the same to the encoding, for which True is 1."""
    return len(one) == len(other) and all(
        a == b and isinstance(a, (int, bool)) == isinstance(b, (int, bool))
        for a, b in zip(one, other, strict=True)
    )


@given(VECTORS, VECTORS)
def test_different_lists_encode_differently(one, other):
    """Two lists have the same encoding when they are the same, and only then."""
    assert same(one, other) == (encode(one) == encode(other))


def test_lists_that_look_alike_encode_differently():
    """Neither a moved border, nor a type, nor nothing makes two lists one."""
    alike = [
        [],
        [""],
        [b""],
        [None],
        ["ab"],
        ["a", "b"],
        ["", "ab"],
        [b"ab"],
        [1],
        ["1"],
        [12],
        [1, 2],
        ["s\0\0\0\1a"],
        [None, None],
    ]

    assert len({encode(values) for values in alike}) == len(alike)


@given(st.binary(max_size=300), VECTORS)
def test_a_field_opens_in_its_place(plain, vector):
    """What was sealed for a place opens there, and is sealed the same again."""
    sealed = KEY.seal(plain, vector)

    assert plain == KEY.unseal(sealed, vector)
    assert sealed == Key("other name", 3, KEY.material).seal(plain, vector)
    assert len(sealed) == len(plain) + 21
    assert version_of(sealed) == 3


@given(VECTORS, VECTORS)
def test_a_field_opens_nowhere_else(vector, other):
    """A field moved to another place does not open there."""
    sealed = KEY.seal(b"Camille", vector)

    if same(vector, other):
        assert KEY.unseal(sealed, other) == b"Camille"
    else:
        with pytest.raises(NotAuthentic):
            KEY.unseal(sealed, other)


def test_any_changed_byte_is_refused():
    """Every flipped bit, every cut, every byte added: not authentic, in fields and wrapped keys."""
    vector = ("vault", "table", "row")
    for sealed, opened in (
        (KEY.seal(b"Camille", vector), KEY.unseal),
        (KEY.wrap(bytes(32), vector), KEY.unwrap),
    ):
        flips = [
            sealed[:n] + bytes([sealed[n] ^ 1 << bit]) + sealed[n + 1 :]
            for n, bit in itertools.product(range(len(sealed)), range(8))
        ]
        for other in (*flips, *(sealed[:n] for n in range(len(sealed))), sealed + b"\0"):
            with pytest.raises(NotAuthentic):
                opened(other, vector)


@pytest.mark.parametrize(
    "other",
    [Key("k", 4, bytes(range(32))), Key("k", 3, bytes(32)), Key("k", 3, bytes(range(1, 33)))],
)
def test_another_key_or_version_is_refused(other):
    """Neither another key nor the same under another version opens."""
    with pytest.raises(NotAuthentic):
        other.unseal(KEY.seal(b"x", ("a",)), ("a",))
    with pytest.raises(NotAuthentic):
        other.unwrap(KEY.wrap(bytes(32), ("a",)), ("a",))


def test_a_use_has_its_own_key():
    """A wrapped key is no field and a field no wrapped key; sub-keys differ from use to use."""
    with pytest.raises(NotAuthentic):
        KEY.unseal(KEY.wrap(bytes(32), ("a",)), ("a",))
    with pytest.raises(NotAuthentic):
        KEY.unwrap(KEY.seal(bytes(32), ("a",)), ("a",))
    made = {subkey(KEY.material, use, 64)[:32] for use in ("fields", "keys", "mac")}
    assert len(made | {KEY.material}) == 4


@given(VECTORS, VECTORS)
def test_a_seal_is_of_its_values(one, other):
    """Seals are equal when their values are."""
    assert same(one, other) == equal(KEY.mac(one), KEY.mac(other))
    assert len(KEY.mac(one)) == 32


def test_a_key_hides_itself():
    """`repr` shows a key's name, and another size is no key."""
    assert repr(KEY) == "Key('k', version 3)"
    for size in (0, 16, 31, 33, 64):
        with pytest.raises(ValueError):
            Key("k", 1, bytes(size))


@pytest.mark.parametrize("raw", [b"", b"\x01", b"\x01\0\0\0\1", b"\x02\0\0\0\1rest"])
def test_unknown_bytes_have_no_version(raw):
    """Bytes that no suite we know sealed are of version 0, and do not open."""
    assert version_of(raw) == 0
    with pytest.raises(NotAuthentic):
        KEY.unseal(raw, ())
