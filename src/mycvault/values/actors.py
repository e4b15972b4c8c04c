"""Who does something, as the journal names them: never a name, only what kind and a pseudonymous id."""

from enum import StrEnum

import attrs


class Who(StrEnum):
    """The kinds of people whose acts are written down."""

    EMPLOYEE = "employee"
    EMPLOYER = "employer"
    OPERATOR = "operator"
    ANYONE = "anyone"


@attrs.frozen
class Actor:
    """
    One actor: *id* is a session's, an employer's, or empty.

    *clerk* is whom the host says acts for the employer; it goes into the sealed details.
    """

    who: Who
    id: str = ""
    clerk: str | None = attrs.field(default=None, repr=False)


OPERATOR = Actor(Who.OPERATOR)
ANYONE = Actor(Who.ANYONE)
