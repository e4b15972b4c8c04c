"""Couriers: what leaves, and what an answer of a real mail server means: "later" or "never"."""

import datetime as dt
import io
import socket
from contextlib import closing

import pytest

from mail_server import LETTER_DATE, LETTER_ID, Mailbox, a_courier, a_letter, answered, serving
from mycvault.couriers import ConsoleCourier, MemoryCourier, RoutingCourier
from mycvault.errors import CourierUnavailable, LetterRefused
from mycvault.ports import Courier
from mycvault.values.choices import Channel

# ------------------------------------------------------------------ what leaves


def test_letter_arrives_whole():
    """The mailbox gets the text, the HTML body and the headers that say what the letter is."""
    mailbox = answered()
    (envelope, _, _), message = mailbox.taken[0], mailbox.message()

    assert envelope.rcpt_tos == ["zoe@example.org"]
    assert envelope.mail_from == "noreply@safe.example"
    assert message["From"] == "Coffre <noreply@safe.example>"
    assert message["To"] == "zoe@example.org"
    assert message["Subject"] == "Votre code à usage unique"
    assert message["Message-ID"] == f"<{LETTER_ID}@safe.example>"
    assert message["Date"].datetime == LETTER_DATE
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "fr"
    assert message.get_content_type() == "multipart/alternative"
    assert message.get_body(("plain",)).get_content() == "Voici : 048213\n"
    assert message.get_body(("html",)).get_content() == "<p>Voici : <b>048213</b></p>\n"


def test_letter_without_html_is_plain():
    """A letter without an HTML body is one plain text."""
    message = answered(a_letter(html=None)).message()

    assert message.get_content_type() == "text/plain"
    assert message.get_content() == "Voici : 048213\n"


def test_long_lines_and_accents_survive():
    """A link longer than a line of mail arrives as it was."""
    text = "é" * 2000 + "\nhttps://safe.example/" + "a" * 2000 + "\n.\n"

    assert answered(a_letter(text=text)).message().get_body(("plain",)).get_content() == text


def test_repeat_is_the_same_message():
    """A letter sent twice is the same bytes, so that a mailbox can tell."""
    first, second = answered(), answered()

    assert first.taken[0][0].original_content == second.taken[0][0].original_content


def test_domain_in_another_script_is_sent_in_ascii():
    """An address with an international domain leaves in the form every server takes."""
    mailbox = answered(a_letter(to="zoe@bücher.example"))

    assert mailbox.taken[0][0].rcpt_tos == ["zoe@xn--bcher-kva.example"]


def test_rude_goodbye_does_not_change_an_acceptance():
    """A server that took the letter and fails at QUIT has taken the letter."""
    assert len(answered(quit_="421 overloaded").taken) == 1


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"rcpt": "550 no such mailbox"}, LetterRefused),
        ({"data": "554 looks like spam"}, LetterRefused),
        ({"rcpt": "451 greylisted"}, CourierUnavailable),
        ({"data": "452 disk full"}, CourierUnavailable),
        ({"mail": "451 later"}, CourierUnavailable),
        ({"mail": "550 you may not send as this"}, CourierUnavailable),
        ({"mail": "530 authentication required"}, CourierUnavailable),
        ({"rcpt": "530 authentication required"}, CourierUnavailable),
        ({"data": "535 authentication expired"}, CourierUnavailable),
        ({"rcpt": "421 closing down"}, CourierUnavailable),
    ],
)
def test_answer_of_the_server_decides(answers, error):
    """A final word about this letter is "never", anything else is "later"; neither names anybody."""
    with pytest.raises(error) as caught:
        answered(**answers)

    assert caught.value.__cause__ is not None
    assert "zoe" not in str(caught.value)
    assert "048213" not in str(caught.value)


def test_nothing_listening_is_unavailable():
    """A port where nobody listens is "later"."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))

        with pytest.raises(CourierUnavailable) as caught:
            a_courier(taken.getsockname()[1]).send(a_letter())

    assert isinstance(caught.value.__cause__, ConnectionError)


def test_silent_server_is_unavailable():
    """A server that never greets is given up after the timeout."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        courier = a_courier(silent.getsockname()[1], timeout=dt.timedelta(milliseconds=100))

        with pytest.raises(CourierUnavailable):
            courier.send(a_letter())


@pytest.mark.parametrize("channel", [each for each in Channel if each is not Channel.EMAIL])
def test_mail_server_carries_e_mail_only(channel):
    """A letter for another channel is refused before anything is dialled."""
    with pytest.raises(LetterRefused):
        a_courier(1).send(a_letter(channel=channel))


@pytest.mark.parametrize(
    "to",
    [
        "",
        "zoe",
        "zoe@example.org\r\nBcc: x@example.org",
        "zoe@example.org, x@example.org",
        "Zoé <zoe@example.org>",
        "zoe@example.org>\r\nRCPT TO:<x@example.org",
    ],
)
def test_recipient_is_one_address(to):
    """What is not one bare address is refused before anything is dialled."""
    with pytest.raises(LetterRefused) as caught:
        a_courier(1).send(a_letter(to=to))

    assert "example.org" not in str(caught.value)


@pytest.mark.parametrize("field", ["subject", "locale"])
def test_header_cannot_be_injected(field):
    """A line break in a subject or a language stays inside its own header."""
    message = answered(a_letter(**{field: "fr\r\nBcc: x@example.org\nX-Evil: 1"})).message()

    assert "Bcc" not in message
    assert "X-Evil" not in message


@pytest.mark.parametrize(
    "changed", [{"id": "1>\r\nBcc: x"}, {"text": "\ud800"}], ids=["id", "text"]
)
def test_letter_that_is_no_message_is_refused(changed):
    """An id that is no UUID, or a text outside Unicode, never reaches the server."""
    with pytest.raises(LetterRefused):
        a_courier(1).send(a_letter(**changed))


def test_local_part_outside_ascii_needs_a_server_that_takes_it():
    """A server without SMTPUTF8 will never take zoé@…; one with it does."""
    letter = a_letter(to="zoé@example.org")
    mailbox = Mailbox()

    with serving(mailbox, enable_SMTPUTF8=False) as port, pytest.raises(LetterRefused):
        a_courier(port).send(letter)
    with serving(mailbox, enable_SMTPUTF8=True) as port:
        a_courier(port).send(letter)

    assert mailbox.taken[0][0].rcpt_tos == ["zoé@example.org"]


# ------------------------------------------------------------------ the others


def test_console_shows_the_letter():
    """The console shows everything, and says that nothing was sent."""
    stream = io.StringIO()

    ConsoleCourier(stream).send(a_letter())

    assert "not sent" in stream.getvalue()
    assert "048213" in stream.getvalue()
    assert "zoe@example.org" in stream.getvalue()


def test_console_writes_to_the_standard_output_of_the_moment(capsys):
    """Without a stream, what standard output is when the letter is sent counts."""
    ConsoleCourier().send(a_letter(channel=Channel.SMS, subject=""))

    shown = capsys.readouterr().out
    assert "048213" in shown
    assert "Subject" not in shown


def test_routing_goes_by_channel():
    """Each letter goes to the courier of its channel, and nowhere else."""
    mail, sms = MemoryCourier(), MemoryCourier()
    courier = RoutingCourier({Channel.EMAIL: mail, Channel.SMS: sms})

    courier.send(a_letter())
    courier.send(a_letter(channel=Channel.SMS, to="+33612345678"))

    assert [letter.to for letter in mail.letters] == ["zoe@example.org"]
    assert [letter.to for letter in sms.letters] == ["+33612345678"]


def test_routing_refuses_a_channel_without_courier():
    """A channel nobody carries is "never"."""
    with pytest.raises(LetterRefused):
        RoutingCourier({}).send(a_letter())


def test_memory_finds_the_last_letter():
    """A test reads the newest letter, or the newest to somebody."""
    courier = MemoryCourier()
    courier.send(a_letter(to="a@example.org"))
    courier.send(a_letter(to="b@example.org"))

    assert courier.last().to == "b@example.org"
    assert courier.last("a@example.org").to == "a@example.org"
    with pytest.raises(LookupError):
        courier.last("c@example.org")


@pytest.mark.parametrize(
    "courier", [a_courier(25), ConsoleCourier(), RoutingCourier({}), MemoryCourier()]
)
def test_couriers_are_couriers(courier):
    """Ours meet the port."""
    assert isinstance(courier, Courier)
