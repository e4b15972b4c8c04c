"""Her authenticator app: a phone with a clock of its own; somebody who set it up."""

import base64
import datetime as dt
import hmac
import shutil
import subprocess

import kit
from mycvault import CodeRequired, Session


def app_code(secret: str, moment: dt.datetime) -> str:
    """Read the code a phone shows at *moment*: oathtool's where it is installed, else RFC 6238 by hand."""
    if shutil.which("oathtool") is None:
        return by_hand(secret, moment)
    now = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    command = ["oathtool", "--totp", "-b", "--now", now, secret]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def by_hand(secret: str, moment: dt.datetime) -> str:
    """Compute what RFC 6238 says, with nothing of this library."""
    counter = int(moment.timestamp()) // 30
    mac = hmac.digest(base64.b32decode(secret), counter.to_bytes(8), "sha1")
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4]) & 0x7FFFFFFF) % 10**6:06d}"


class Phone:
    """A phone that scanned the QR code; *off*: how far its clock is from ours."""

    def __init__(self, house: kit.House, session: Session) -> None:
        self.house = house
        self.off = dt.timedelta()
        self.enrolment = session.security.enrol_app()
        self.secret = self.enrolment.secret.reveal()

    def code(self, steps: int = 0) -> str:
        """Read the code that is shown now, or *steps* later."""
        shift = self.off + steps * dt.timedelta(seconds=30)
        return app_code(self.secret, self.house.clock.now() + shift)

    def next_code(self) -> str:
        """Wait for a code that was not shown before."""
        self.house.clock.advance(dt.timedelta(seconds=30))
        return self.code()


def with_app(house: kit.House, **person) -> tuple[Session, Phone, list[str]]:
    """Join somebody, and set up her app: her session, the phone, the recovery codes."""
    session = house.joined(**person)
    phone = Phone(house, session)
    return session, phone, session.security.confirm_app(phone.code())


def signed_in(house: kit.House, phone: Phone) -> Session:
    """Sign in with the app."""
    asked = house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    assert isinstance(asked, CodeRequired)
    return house.vault.confirm_code(asked.challenge, phone.next_code())
