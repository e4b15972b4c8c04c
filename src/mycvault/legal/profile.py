"""What the rules ask of a country's law, and from when on."""

import datetime as dt

import attrs

from mycvault.values.choices import Kind


@attrs.frozen(kw_only=True)
class LegalProfile:
    """
    The law of one country as this library applies it, in force from *valid_from* until *successor*'s begins.

    *country*: two letters (ISO 3166-1), also the country phone numbers are read in. *zone*: the time zone of civil dates
    (IANA name). The durations default to France's, whose articles stand in `mycvault.legal.FR`'s file:

    *notice_months*: from the notice to the first electronic payslip. *objection_months*: within which an objection takes
    effect at the latest. *kept*: the kinds of document whose availability the law fixes; for *availability_years* from their
    issue, or until *availability_age* (years of age). *closure_months*: notice before a service closes. *retrieval_months*:
    for which somebody who lost access may still retrieve everything.
    """

    country: str
    zone: str
    valid_from: dt.date = dt.date.min
    notice_months: int = 1
    objection_months: int = 3
    kept: frozenset[Kind] = frozenset({Kind.PAYSLIP})
    availability_years: int = 50
    availability_age: int = 75
    closure_months: int = 3
    retrieval_months: int = 12
    successor: "LegalProfile | None" = None

    def on(self, day: dt.date) -> "LegalProfile":
        """Give the law that is in force on *day*: this, or a successor's."""
        if self.successor is not None and day >= self.successor.valid_from:
            return self.successor.on(day)
        return self
