"""Who is calling, as the host knows it; nothing here is believed beyond throttling and the journal."""

import attrs


def _short(text: str | None) -> str | None:
    return None if text is None else text[:300]


@attrs.frozen
class Caller:
    """
    Who is calling: network address, browser and known device, each None when the host does not know.

    Without an address that tier of throttling is skipped, never shared. Texts are cut at 300 characters.
    """

    address: str | None = attrs.field(default=None, kw_only=True, converter=_short, repr=False)
    user_agent: str | None = attrs.field(default=None, kw_only=True, converter=_short, repr=False)
    device: str | None = attrs.field(default=None, kw_only=True, converter=_short, repr=False)
