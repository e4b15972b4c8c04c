"""What is done faster than it could be said gives, and refuses, exactly what the plain way does."""

import datetime as dt
import re
import struct
import threading
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, create_engine, select
from stdnum.fr import nir as official

from mycvault import Deposit, Kind, Period
from mycvault.crypto.encoding import encode, encode_named, encode_one
from mycvault.documents.records import DOCUMENTS
from mycvault.documents.rules import Wanted, parse_deposit
from mycvault.errors import InvalidInput
from mycvault.ids import Ids, is_id
from mycvault.storage.inserts import insert as insert_rows
from mycvault.storage.plans import Plan
from mycvault.storage.statements import fetch, run
from mycvault.values.nir import holds_nir
from mycvault.values.words import parse_text, parse_word

NOW = dt.datetime(2026, 10, 5, 8, 0, tzinfo=dt.UTC)
VALUES = st.one_of(
    st.text(),
    st.text(min_size=120, max_size=140),
    st.binary(max_size=300),
    st.integers(),
    st.booleans(),
    st.none(),
)

# ------------------------------------------------------------------ the encoding


def plain_encoding(values):
    """Encode as docs/spec/encoding.md says it."""
    found = b""
    for value in values:
        if value is None:
            tag, raw = b"n", b""
        elif isinstance(value, str):
            tag, raw = b"s", value.encode("utf-8")
        elif isinstance(value, bytes):
            tag, raw = b"b", value
        else:
            tag, raw = b"i", str(int(value)).encode("ascii")
        found += tag + struct.pack(">I", len(raw)) + raw
    return found


@given(st.lists(VALUES))
def test_a_list_is_encoded_as_it_is_specified(values):
    assert encode(values) == plain_encoding(values)
    assert b"".join(map(encode_one, values)) == plain_encoding(values)


@given(st.lists(st.tuples(st.text(max_size=20), VALUES)))
def test_names_of_nothing_are_left_out_and_the_others_stay(named):
    plain = [part for pair in named if pair[1] is not None for part in pair]
    assert encode_named((encode_one(name), value) for name, value in named) == plain_encoding(plain)


@pytest.mark.parametrize("value", [1.0, bytearray(b"x"), memoryview(b"x"), NOW, [], ("a",)])
def test_other_values_are_refused(value):
    for way in (encode_one, lambda one: encode([one]), lambda one: encode_named([(b"", one)])):
        with pytest.raises(TypeError):
            way(value)


@pytest.mark.parametrize("value", ["\ud800", "a\udfff"])
def test_a_text_without_bytes_is_refused(value):
    for way in (encode_one, lambda one: encode([one]), lambda one: encode_named([(b"", one)])):
        with pytest.raises(UnicodeEncodeError):
            way(value)


# ------------------------------------------------------------------ words and numbers


def answer(call, text, longest):
    try:
        return call(text, field="x", longest=longest), None
    except InvalidInput as error:
        return None, (str(error), error.reason)


def plain_word(text, *, field, longest):
    """Take a word without a shorter way."""
    parse_text(text, field=field, longest=4 * longest)
    word = unicodedata.normalize("NFC", text).strip()
    if not word:
        raise InvalidInput("not empty", field=field, reason="empty")
    if len(word) > longest:
        raise InvalidInput(f"at most {longest} characters", field=field, reason="too-long")
    if any(unicodedata.category(char) == "Cc" for char in word):
        raise InvalidInput("no control characters", field=field)
    return word


SURROGATES = st.characters(min_codepoint=0xD7F0, max_codepoint=0xE00F, categories=("Cs", "Lo"))
NASTY = st.text(st.one_of(st.characters(), st.sampled_from(" \t\0\x1f\x7f\x85\xa0a"), SURROGATES))


@given(NASTY | st.text(st.characters(max_codepoint=0x80)), st.integers(1, 12))
def test_a_word_is_taken_and_refused_as_without_a_shorter_way(text, longest):
    assert answer(parse_word, text, longest) == answer(plain_word, text, longest)


@given(NASTY)
def test_what_cannot_be_stored_is_refused(text):
    bad = any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)
    assert (answer(parse_text, text, 1000)[0] is None) is bad


def plain_holds_nir(text):
    """Look at every run of fifteen letters and digits."""
    spread = unicodedata.normalize("NFKC", text)
    packed = "".join(char for char in spread if char.isalnum()).upper()
    windows = (packed[start : start + 15] for start in range(len(packed) - 14))
    return any(_is_nir(one) for one in windows)


def _is_nir(window):
    department = "00" if window[5:7] in {"2A", "2B"} else window[5:7]
    digits = window[:5] + department + window[7:]
    return re.fullmatch("[0-9]{15}", digits) and window[0] in "123478" and official.is_valid(window)


WIDE = {ord(str(digit)): 0xFF10 + digit for digit in range(10)}


def valid_nirs():
    def made(parts):
        body = "{}{:02}{:02}{}{:03}{:03}".format(*parts)
        return body + official.calc_check_digits(body)

    return st.tuples(
        st.sampled_from("12"),
        st.integers(0, 99),
        st.integers(1, 12),
        st.sampled_from(["01", "75", "2A", "2B", "99"]),
        st.integers(0, 999),
        st.integers(0, 999),
    ).map(made)


@given(
    valid_nirs(), st.text(max_size=3), st.text(max_size=3), st.sampled_from(["", " ", ".", "\xa0"])
)
def test_a_number_is_found_wherever_and_however_it_is_written(number, before, after, between):
    for written in (number, number.lower(), number.translate(WIDE)):
        text = before + between.join(written) + after
        assert holds_nir(text) == plain_holds_nir(text)
    assert holds_nir(between.join(number))


@given(st.text(st.sampled_from("0123456789 2AaBb.-\uff11①½ﬁ㎏"), max_size=24))
def test_a_text_of_digits_is_judged_as_without_a_shorter_way(text):
    assert holds_nir(text) == plain_holds_nir(text)


# ------------------------------------------------------------------ deposits that say the same


class Unhashable(Period):
    """A month of a host's own, equal to others and never a key."""

    def __eq__(self, other):
        return str(self) == str(other)

    __hash__ = None


class Stamped(dt.datetime):
    """A moment that carries what its host hung on it."""

    __hash__ = None


def said(**changed):
    return parse_deposit(Deposit("M-1", b"", **{"kind": "payslip", "period": "2026-10"} | changed))


def test_deposits_that_say_the_same_share_it_and_others_do_not():
    plain = said()

    assert said(kind=Kind.PAYSLIP, period=Period("2026-10")) is plain
    assert plain == Wanted(kind=Kind.PAYSLIP, period=Period("2026-10"), title=None)
    for changed in (
        {"period": "2026-11"},
        {"period": None},
        {"kind": "contract"},
        {"title": "Exemple"},
        {"reference": "R-1"},
        {"corrects": ["a"]},
        {"available_from": NOW},
    ):
        assert said(**changed) != plain
    assert said() is plain


def test_what_a_host_hangs_on_a_month_or_a_moment_is_nobody_elses():
    assert type(said(period=Unhashable("2026-10")).period) is Period
    assert said(available_from=Stamped(2026, 12, 1, tzinfo=dt.UTC)).available_from is not None
    plain = said(available_from=dt.datetime(2026, 12, 1, tzinfo=dt.UTC))
    assert type(plain.available_from) is dt.datetime


# ------------------------------------------------------------------ ids


def test_ids_of_many_threads_are_many_ids():
    ids = Ids(lambda size: threading.get_ident().to_bytes(8) * (size // 8))
    found, lock = [], threading.Lock()

    def work():
        own = [ids.new(NOW) for _ in range(2000)]
        with lock:
            found.extend(own)
        assert own == sorted(own)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(found)) == 8000
    assert all(map(is_id, found))


@pytest.mark.parametrize(
    ("tail", "end"),
    [
        ("18c4dc0c0c07398f", "98c4-dc0c0c07398f"),
        ("ffffffffffffffff", "bfff-ffffffffffff"),
        ("0000000000000000", "8000-000000000000"),
    ],
)
def test_an_id_is_laid_out_as_the_standard_says(tail, end):
    # The moment and the first tail of the example in RFC 9562, A.6; behind the milliseconds stands their fraction (6.2, method 3).
    moment = dt.datetime(2022, 2, 22, 19, 22, 22, 798, tzinfo=dt.UTC)
    ids = Ids(lambda size: bytes.fromhex(tail) * (size // 8))

    assert ids.new(moment) == f"017f22e2-79b0-7cc4-{end}"
    assert ids.new(moment) == f"017f22e2-79b0-7cc5-{end}"


def test_no_randomness_stands_in_two_ids():
    drawn = iter(range(10**6))
    ids = Ids(lambda size: b"".join(next(drawn).to_bytes(8) for _ in range(size // 8)))

    tails = [int(ids.new(NOW)[24:], 16) for _ in range(1000)]

    assert tails == list(range(1000))


# ------------------------------------------------------------------ statements on the driver


def row(number):
    return {
        "id": f"{number:06}",
        "safe_id": "s",
        "sealed_by": "s",
        "kind": "payslip",
        "title": b"t",
        "reference_index": number.to_bytes(4),
        "media_type": "",
        "size": number,
        "sha256": b"x",
        "deposited_at": NOW,
        "seal": b"x",
    }


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    DOCUMENTS.metadata.create_all(engine, tables=[DOCUMENTS])
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 129, 3000])
def test_many_rows_of_one_insert_are_all_there(connection, count):
    plan = Plan.of(DOCUMENTS)
    rows = [row(number) for number in range(count)]

    assert insert_rows(connection, plan.add_new_sqlite, rows, plan.names) == 0
    assert insert_rows(connection, plan.add_new_sqlite, rows[-1:] * 3, plan.names) == 3
    found = fetch(connection, select(DOCUMENTS).order_by(DOCUMENTS.c.id), {})
    assert [dict(zip(plan.names, one, strict=True))["size"] for one in found] == list(range(count))
    assert {dict(zip(plan.names, one, strict=True))["deposited_at"] for one in found} == {NOW}


@pytest.mark.parametrize("count", [0, 1, 2, 500, 20_000])
def test_lists_are_expanded_among_other_values(connection, count):
    plan = Plan.of(DOCUMENTS)
    insert_rows(connection, plan.add, [row(number) for number in range(600)], plan.names)
    column = DOCUMENTS.c
    statement = (
        select(column.id)
        .where(column.safe_id == bindparam("safe"))
        .where(column.id.in_(bindparam("ids", expanding=True)))
        .where(column.size.in_(bindparam("ids_2", expanding=True)))
        .where(column.deposited_at <= bindparam("now"))
        .order_by(column.id)
        .limit(bindparam("count"))
    )
    wanted = {
        "ids": [f"{number:06}" for number in range(count)],
        "ids_2": list(range(0, min(count, 600), 2)),
        "safe": "s",
        "now": NOW,
        "count": 7,
    }

    found = [one[0] for one in fetch(connection, statement, wanted)]

    assert found == [f"{number:06}" for number in range(0, min(count, 600), 2)][:7]
    gone = DOCUMENTS.delete().where(column.id.in_(bindparam("ids", expanding=True)))
    assert run(connection, gone, {"ids": wanted["ids"]}) == min(count, 600)


def test_in_an_empty_list_is_nothing_and_everything_is_not_in_it(connection):
    plan = Plan.of(DOCUMENTS)
    insert_rows(connection, plan.add, [row(number) for number in range(3)], plan.names)
    ids = bindparam("ids", expanding=True)
    within = select(DOCUMENTS.c.id).where(DOCUMENTS.c.id.in_(ids))
    without = select(DOCUMENTS.c.id).where(DOCUMENTS.c.id.not_in(ids))

    assert fetch(connection, within, {"ids": []}) == []
    assert len(fetch(connection, without, {"ids": []})) == 3
    assert len(fetch(connection, without, {"ids": ["000001"]})) == 2
