"""
Our own couriers: a mail server, a choice by channel, and two for development and tests.

Decides what an answer of a mail server means for a letter: "not now" (`CourierUnavailable`) or
"never" (`LetterRefused`). Only a refusal of this recipient or of this content is "never"; whatever
concerns the server, the line, our account or our sender address is "not now", because the next
letter would meet it too. Source: RFC 5321, 4.2.1.
"""

import datetime as dt
import re
import smtplib
import ssl
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from typing import TextIO

import attrs

from mycvault.errors import CourierUnavailable, LetterRefused, SetupError
from mycvault.locales import one_line
from mycvault.ports import Courier, Letter
from mycvault.values.choices import Channel

_TIMEOUT = dt.timedelta(seconds=10)  # a mail server greets in far less; the outbox tries again
_SECURITIES = frozenset({"starttls", "tls", "none"})
_PERMANENT = 500  # replies from here on are final (RFC 5321, 4.2.1)
_ACCOUNT = range(530, 540)  # authentication needed, refused or too weak: ours to mend (RFC 4954, 6)
_UUID_SORTED_BY_TIME = 7


@attrs.frozen
class SmtpCourier:
    """
    Sends e-mail through a mail server, one connection a letter.

    *security*: "starttls" (port 587), "tls" from the first byte (port 465), or "none", which takes
    no password; a server that does not offer what is asked is never spoken to in clear. *sender*:
    an address, or "Name <address>". *tls*: for a server with a certificate of your own authority;
    the default trusts what the system trusts. *timeout*: of each step.

    A letter sent twice has the same Message-ID, so that a mailbox can tell.

    Raises:
        SetupError: A setting cannot work.
    """

    host: str
    port: int = 587
    sender: str = attrs.field(kw_only=True)
    username: str | None = attrs.field(default=None, kw_only=True)
    password: str | None = attrs.field(default=None, kw_only=True, repr=False)
    security: str = attrs.field(default="starttls", kw_only=True)
    timeout: dt.timedelta = attrs.field(default=_TIMEOUT, kw_only=True)
    tls: ssl.SSLContext | None = attrs.field(default=None, kw_only=True, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.security not in _SECURITIES:
            raise SetupError('the security of a mail server is "starttls", "tls" or "none"')
        if (self.username is None) != (self.password is None):
            raise SetupError("a mail server takes a user name and a password, or neither")
        if self.password is not None and self.security == "none":
            raise SetupError("a password never travels in clear: use TLS")
        if not f"{self.username or ''}{self.password or ''}".isascii():
            raise SetupError("the user name and password of a mail server are ASCII")
        _sender(self.sender)

    def send(self, letter: Letter) -> None:
        """
        Hand *letter* to the mail server.

        Raises:
            CourierUnavailable: The server does not answer, or not as it should, or says "later".
            LetterRefused: It will not take this recipient or this content, or this is no e-mail.
        """
        if letter.channel is not Channel.EMAIL:
            raise LetterRefused("a mail server carries e-mail only")
        recipient = _recipient(letter.to)
        try:
            message = _compose(letter, sender=_sender(self.sender), recipient=recipient)
        except ValueError as exc:
            raise LetterRefused("the letter cannot be made into an e-mail") from exc
        try:
            with self._connection() as smtp:
                _hand_over(smtp, message, recipient)
        except OSError as exc:  # every error of smtplib and ssl is one
            raise CourierUnavailable("the mail server cannot take letters now") from exc

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """Open a connection, secured and signed in; hang up whatever happens."""
        seconds = self.timeout.total_seconds()
        tls = self.tls or ssl.create_default_context()
        smtp: smtplib.SMTP
        if self.security == "tls":
            smtp = smtplib.SMTP_SSL(self.host, self.port, timeout=seconds, context=tls)
        else:
            smtp = smtplib.SMTP(self.host, self.port, timeout=seconds)
        try:
            if self.security == "starttls":
                smtp.starttls(context=tls)
            if self.username is not None and self.password is not None:
                smtp.login(self.username, self.password)
            yield smtp
        finally:
            # The letter's fate is known by now: a server that hangs up rudely does not change it.
            with suppress(OSError):
                smtp.quit()
            smtp.close()


@attrs.frozen
class ConsoleCourier:
    """
    Writes letters to *stream*, links and codes in clear: for development only, nothing is sent.

    No stream is standard output, as it is at the moment of writing.
    """

    stream: TextIO | None = attrs.field(default=None, repr=False)

    def send(self, letter: Letter) -> None:
        """Write *letter*, saying that it was not sent."""
        stream = self.stream or sys.stdout
        lines = [
            f"--- not sent (development): {letter.template} by {letter.channel} to {letter.to}",
            *([f"Subject: {letter.subject}"] if letter.subject else []),
            letter.text.rstrip(),
            "---",
        ]
        stream.write("\n".join(lines) + "\n")
        stream.flush()


@attrs.frozen
class RoutingCourier:
    """Gives each letter to the courier of its channel; a channel without one is refused."""

    couriers: Mapping[Channel, Courier] = attrs.field(converter=dict)

    def send(self, letter: Letter) -> None:
        """
        Pass *letter* on.

        Raises:
            CourierUnavailable: As its courier says.
            LetterRefused: As its courier says, or there is none for its channel.
        """
        courier = self.couriers.get(letter.channel)
        if courier is None:
            raise LetterRefused(f"no courier carries letters by {letter.channel}")
        courier.send(letter)


@attrs.frozen(eq=False)
class MemoryCourier:
    """Keeps what it is given in *letters*, oldest first: for a host's tests."""

    letters: list[Letter] = attrs.field(init=False, factory=list)

    def send(self, letter: Letter) -> None:
        """Keep *letter*."""
        self.letters.append(letter)

    def last(self, to: str | None = None, *, template: str | None = None) -> Letter:
        """
        Give the newest letter, or the newest *to* somebody or made from one *template*.

        Raises:
            LookupError: There is none.
        """
        for letter in reversed(self.letters):
            if to in (None, letter.to) and template in (None, letter.template):
                return letter
        raise LookupError("no such letter was sent")


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage, recipient: str) -> None:
    """Send *message*, telling a refusal of it from trouble with the server."""
    try:
        smtp.send_message(message, to_addrs=[recipient])
    except smtplib.SMTPRecipientsRefused as exc:
        code, _ = exc.recipients[recipient]
        if not _is_final(code):
            raise
        raise LetterRefused("the mail server does not take this recipient") from exc
    except smtplib.SMTPDataError as exc:
        if not _is_final(exc.smtp_code):
            raise
        raise LetterRefused("the mail server does not take this letter") from exc
    except smtplib.SMTPNotSupportedError as exc:
        raise LetterRefused("the mail server does not take addresses outside ASCII") from exc


def _is_final(code: int) -> bool:
    return code >= _PERMANENT and code not in _ACCOUNT


def _sender(text: str) -> Address:
    """Take the sender apart, refusing what could not stand in a header."""
    name, address = parseaddr(text)
    if one_line(text) != text or not address.isascii() or not re.fullmatch(r"[^@]+@[^@]+", address):
        raise SetupError('a sender is an ASCII e-mail address, or "Name <address>"')
    try:
        return Address(display_name=name, addr_spec=address)
    except Exception as exc:  # the parser of headers raises errors of many kinds
        raise SetupError('a sender is an ASCII e-mail address, or "Name <address>"') from exc


def _recipient(address: str) -> str:
    """Put an address into the form mail servers take, its domain in ASCII; one address passes."""
    from email_validator import EmailNotValidError, validate_email

    try:
        valid = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as exc:
        raise LetterRefused("the letter is not addressed to an e-mail address") from exc
    return valid.ascii_email or valid.normalized


def _compose(letter: Letter, *, sender: Address, recipient: str) -> EmailMessage:
    """
    Make the e-mail; every header is one line whatever the letter holds.

    The date is the letter's own, from its id, so that a repeat is the same message byte for byte.

    Raises:
        ValueError: The id is not a UUID, or the text is not fit for UTF-8.
    """
    made = uuid.UUID(letter.id)
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = one_line(letter.subject)
    message["Message-ID"] = f"<{made}@{sender.domain}>"
    if made.version == _UUID_SORTED_BY_TIME:
        message["Date"] = dt.datetime.fromtimestamp((made.int >> 80) // 1000, dt.UTC)
    message["Auto-Submitted"] = "auto-generated"  # no holiday notices in return (RFC 3834, 5)
    message.set_content(letter.text, cte="quoted-printable")
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
        # "=_" cannot occur in quoted-printable (RFC 2045, 6.7).
        message.set_boundary(f"=_{made.hex}")
    # Last: making an alternative moves every Content-… header into its first part.
    message["Content-Language"] = one_line(letter.locale).replace("_", "-")
    return message
