"""Which step of an app is accepted, and what a recovery code looks like: tables and properties."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycvault import CodeRefused
from mycvault.crypto import otp
from mycvault.factors import rules
from mycvault.factors.model import Factors
from mycvault.values.choices import Channel

RFC_SECRET = b"12345678901234567890"
NOW = 56_000_000


@pytest.mark.parametrize(
    ("second", "eight"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(second, eight):
    """The vectors of appendix B, of which an app shows the last six digits."""
    step = rules.step_of(dt.datetime.fromtimestamp(second, dt.UTC), length=dt.timedelta(seconds=30))

    assert otp.matching(RFC_SECRET, eight[-6:], rules.steps_around(step)) == [step]
    assert otp.matching(RFC_SECRET, eight[-5:], [step]) == []


@pytest.mark.parametrize(
    ("matched", "newest", "accepted"),
    [
        ([NOW], None, NOW),
        ([NOW - 1], None, NOW - 1),
        ([NOW + 1], NOW, NOW + 1),
        ([NOW], NOW - 1, NOW),
        ([NOW - 1, NOW + 1], NOW - 1, NOW + 1),
        ([NOW - 7, NOW], None, NOW),
        ([NOW], NOW, "wrong"),
        ([NOW - 1], NOW, "wrong"),
        ([NOW], NOW + 9, "wrong"),
        ([NOW - 7, NOW], NOW, "wrong"),
        ([], None, "wrong"),
        ([NOW - 2], None, "clock"),
        ([NOW + 10], NOW, "clock"),
        ([NOW - 9], NOW, "clock"),
    ],
)
def test_a_step_is_accepted_once_and_forwards(matched, newest, accepted):
    """One either way, never one that was used, nor an older one; minutes away it is the clock."""

    def judge():
        return rules.accept_step(matched, newest_used=newest, current=NOW, tries_left=2)

    if isinstance(accepted, int):
        assert judge() == accepted
        return
    with pytest.raises(CodeRefused) as refused:
        judge()
    assert (refused.value.reason, refused.value.tries_left) == (accepted, 2)


@given(st.integers(0, 2**40), st.integers(0, 2**40), st.integers(-12, 12))
def test_what_is_accepted_is_new_and_near(current, newest, away):
    """Whatever the clock and the past, an accepted step is within one of now and above every used one."""
    try:
        step = rules.accept_step(
            [current + away], newest_used=newest, current=current, tries_left=0
        )
    except CodeRefused:
        return

    assert abs(step - current) <= 1
    assert step > newest


def test_steps_around_the_beginning_of_time():
    """No step is before 1970."""
    assert list(rules.steps_around(3)) == list(range(14))


@given(st.binary(min_size=10, max_size=10))
def test_a_recovery_code_is_read_as_it_was_written(raw):
    """Grouped, in small letters, full width, without dashes: the same 80 bits; another code is another text."""
    text = rules.write_code(raw)
    plain = text.replace("-", "")
    wide = "".join(chr(ord(char) + 0xFEE0) for char in text)

    assert len(plain) == 16
    assert not set(plain) & set("ILOU")
    for typed in (text, plain, text.lower(), wide, f" {text.replace('-', ' - ')} "):
        assert rules.read_code(typed) == plain
    assert rules.read_code(text.replace("0", "o").replace("1", "l")) == plain
    assert rules.write_code(bytes([raw[0] ^ 1]) + raw[1:]) != text


@pytest.mark.parametrize(
    "typed",
    [
        *("", "123456", "0123-4567-89AB-CDE", "0123-4567-89AB-CDEF-0"),
        *("U" * 16, "é" * 16, "\u0660" * 16, "0" * 10_000, None, 7),
    ],
)
def test_what_has_not_the_form_is_no_recovery_code(typed):
    """Six digits are an app's, whatever is around them."""
    assert rules.read_code(typed) is None


def test_nothing_that_is_sent_stands_beside_an_app():
    """With an app recovery codes alone; without one they stand beside the rest."""
    reached = {Channel.SMS: "+33612345678", Channel.EMAIL: "zelie@example.org"}
    since = dt.datetime(2026, 10, 5, tzinfo=dt.UTC)

    def ways(app_since, left):
        return rules.ways(reached, Factors(app_since=app_since, codes_left=left))

    assert ways(None, 0) == reached
    assert ways(None, 1) == {**reached, Channel.RECOVERY: ""}
    assert ways(since, 0) == {Channel.APP: ""}
    assert ways(since, 10) == {Channel.APP: "", Channel.RECOVERY: ""}
