"""What a page shows while she sets up an authenticator app: the secret to type, or a QR code to scan."""

from io import BytesIO

import attrs

from mycvault.errors import SetupError
from mycvault.values.secret import Secret


@attrs.frozen(kw_only=True)
class AppEnrolment:
    """
    An app that waits for its first code.

    *secret*: 32 letters of base32, for whoever cannot scan. *uri*: `otpauth://totp/…`, what the QR code says; on a phone, a link
    to it opens the app. Whoever sees either can make her codes.
    """

    secret: Secret
    uri: Secret

    def svg(self) -> str:
        """
        Draw the QR code: one `<svg>` element, black on white with its quiet zone, to put into a page as it is.

        Raises:
            SetupError: The `qr` extra is not installed.
        """
        try:
            import segno
        except ImportError as exc:
            raise SetupError("a QR code needs the qr extra: pip install mycvault[qr]") from exc
        drawn = BytesIO()
        code = segno.make_qr(self.uri.reveal(), error="m")
        code.save(drawn, kind="svg", xmldecl=False, nl=False, scale=4, light="#fff")
        return drawn.getvalue().decode()
