"""Couriers: a password and a letter travel under TLS, or not at all."""

import datetime as dt
import ipaddress
import ssl

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mail_server import Mailbox, a_courier, a_letter, serving
from mycvault.errors import CourierUnavailable, SetupError

PASSWORD = "correct-horse"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody but this test trusts: (server's context, ours)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))


def authenticating(server, session, envelope, mechanism, data):
    return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


def test_starttls_secures_before_signing_in(certificate):
    """The password and the letter travel under TLS."""
    theirs, ours = certificate
    mailbox = Mailbox()

    with serving(mailbox, tls_context=theirs, authenticator=authenticating) as port:
        a_courier(port, security="starttls", tls=ours, username="app", password=PASSWORD).send(
            a_letter()
        )

    _, secured, authenticated = mailbox.taken[0]
    assert secured
    assert authenticated


def test_wrong_password_is_unavailable(certificate):
    """A refused password is ours to mend: the letter waits."""
    theirs, ours = certificate
    with (
        serving(Mailbox(), tls_context=theirs, authenticator=authenticating) as port,
        pytest.raises(CourierUnavailable) as caught,
    ):
        a_courier(port, security="starttls", tls=ours, username="app", password="wrong").send(
            a_letter()
        )

    assert caught.value.__cause__ is not None


def test_server_without_starttls_is_never_spoken_to_in_clear():
    """A server that does not offer TLS gets no letter."""
    mailbox = Mailbox()

    with serving(mailbox) as port, pytest.raises(CourierUnavailable):
        a_courier(port, security="starttls").send(a_letter())

    assert mailbox.taken == []


def test_unknown_certificate_is_not_trusted(certificate):
    """A certificate nobody vouches for gets no letter."""
    theirs, _ = certificate
    mailbox = Mailbox()

    with serving(mailbox, tls_context=theirs) as port, pytest.raises(CourierUnavailable):
        a_courier(port, security="starttls").send(a_letter())

    assert mailbox.taken == []


@pytest.mark.parametrize(
    "settings",
    [
        {"security": "ssl"},
        {"username": "app"},
        {"password": PASSWORD},
        {"username": "app", "password": PASSWORD, "security": "none"},
        {"username": "app", "password": "mot-de-passé", "security": "tls"},
        {"sender": "nobody"},
        {"sender": "noreply@safe.example\r\nBcc: x@example.org"},
        {"sender": "noreply@säfe.example"},
        {"sender": "a b@safe.example"},
    ],
)
def test_setting_that_cannot_work_is_refused(settings):
    """A courier that could not work, or not safely, is not made; its password is not told."""
    with pytest.raises(SetupError) as caught:
        a_courier(25, **settings)

    assert PASSWORD not in str(caught.value)


def test_repr_hides_the_password():
    """A courier in a log shows no password."""
    assert PASSWORD not in repr(a_courier(25, security="tls", username="app", password=PASSWORD))
