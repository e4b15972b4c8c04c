"""
Counting in months and years, as the law does.

A time limit in months ends on the day of the last month that bears the same number, or on that month's last day (Code of Civil
Procedure, art. 641). An age, and a term of availability, is never cut short: what began on 29 February ends on 1 March.
"""

import calendar
import datetime as dt

_FEBRUARY, _LEAP_DAY = 2, 29


def months_after(day: dt.date, months: int) -> dt.date:
    """Tell the day *months* calendar months after *day*: 30 November and three months make 28 or 29 February."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def anniversary(day: dt.date, years: int) -> dt.date:
    """Tell the day *years* years after *day*: for 29 February the 1 March of a year that has none."""
    year = day.year + years
    if (day.month, day.day) == (_FEBRUARY, _LEAP_DAY) and not calendar.isleap(year):
        return dt.date(year, 3, 1)
    return day.replace(year=year)
