"""Who is calling, as the host knows it; nothing here is believed beyond throttling and the journal."""

import attrs

from mycvault.errors import InvalidInput


def _short(text: str | None) -> str | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise InvalidInput("a caller is described by texts", field="caller")
    # A browser's name is whatever a stranger sent: what cannot be kept is replaced, not refused.
    return text[:300].encode(errors="replace").decode().replace("\0", "?")


@attrs.frozen
class Caller:
    """
    Who is calling: network address, browser and known device, each None when the host does not know.

    Without an address that tier of throttling is skipped, never shared. *device* is an opaque text that the host keeps in a
    browser for good: 128 random bits in a cookie of its own, told to nobody. Texts are cut at 300 characters. InvalidInput for
    anything but texts.
    """

    address: str | None = attrs.field(default=None, kw_only=True, converter=_short, repr=False)
    user_agent: str | None = attrs.field(default=None, kw_only=True, converter=_short, repr=False)
    device: str | None = attrs.field(default=None, kw_only=True, converter=_short, repr=False)

    def completed(self, by: "Caller") -> "Caller":
        """Fill in what this call did not say with what an earlier one of the same person said."""
        return Caller(
            address=self.address or by.address,
            user_agent=self.user_agent or by.user_agent,
            device=self.device or by.device,
        )
