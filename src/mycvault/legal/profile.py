"""What the rules ask of a country's law."""

import attrs


@attrs.frozen(kw_only=True)
class LegalProfile:
    """
    The law of one country as this library applies it.

    *country*: two letters (ISO 3166-1), also the country phone numbers are read in. *zone*: the time zone of civil dates
    (IANA name).
    """

    country: str
    zone: str
