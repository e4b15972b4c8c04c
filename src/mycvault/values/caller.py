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

    Without an address that tier of throttling is skipped, never shared. Texts are cut at 300
    characters. InvalidInput for anything but texts.
    """

    address: str | None = attrs.field(default=None, kw_only=True, converter=_short, repr=False)
    user_agent: str | None = attrs.field(default=None, kw_only=True, converter=_short, repr=False)
    device: str | None = attrs.field(default=None, kw_only=True, converter=_short, repr=False)
