"""A real mail server on the loopback that answers what it is told to, for tests of couriers."""

import datetime as dt
import socket
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from mycvault.couriers import SmtpCourier
from mycvault.ports import Letter
from mycvault.values.choices import Channel

LETTER_ID = "019e3c2a-7c00-7abc-8def-0123456789ab"
LETTER_DATE = dt.datetime.fromtimestamp(0x019E3C2A7C00 // 1000, dt.UTC)


def a_letter(**changed):
    facts = {
        "id": LETTER_ID,
        "channel": Channel.EMAIL,
        "to": "zoe@example.org",
        "template": "sign-in-code",
        "locale": "fr",
        "subject": "Votre code à usage unique",
        "text": "Voici : 048213\n",
        "html": "<p>Voici : <b>048213</b></p>\n",
        "employer": None,
        "context": {"code": "048213", "minutes": "10"},
    }
    return Letter(**(facts | changed))


class Mailbox:
    """A mail server's mind: answers what it is told to, keeps what it takes."""

    def __init__(self, *, mail="250 OK", rcpt="250 OK", data="250 OK", quit_="221 Bye"):
        self.mail, self.rcpt, self.data, self.quit = mail, rcpt, data, quit_
        self.taken = []

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if self.mail.startswith("2"):
            envelope.mail_from = address
        return self.mail

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.data.startswith("2"):
            self.taken.append((envelope, session.ssl is not None, session.authenticated))
        return self.data

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802
        return self.quit

    def message(self):
        """The first letter it took, as a mail program reads it."""
        (envelope, _, _), *_ = self.taken
        return message_from_bytes(
            envelope.original_content.replace(b"\r\n", b"\n"), policy=policy.default
        )


class Listening(Controller):
    """A controller on a port the system chose: no guess, no race."""

    def __init__(self, handler, **settings):
        self.listener = socket.create_server(("127.0.0.1", 0))
        super().__init__(
            handler, hostname="127.0.0.1", port=self.listener.getsockname()[1], **settings
        )

    def _create_server(self):
        return self.loop.create_server(
            self._factory_invoker, sock=self.listener, ssl=self.ssl_context
        )


@contextmanager
def serving(mailbox, **settings):
    server = Listening(mailbox, **settings)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def a_courier(port, **settings):
    facts = {"sender": "Coffre <noreply@safe.example>", "security": "none"}
    return SmtpCourier("127.0.0.1", port, **(facts | settings))


def answered(letter=None, **answers):
    """Send one letter to a server that answers so; give back what it took."""
    mailbox = Mailbox(**answers)
    with serving(mailbox) as port:
        a_courier(port).send(letter or a_letter())
    return mailbox
