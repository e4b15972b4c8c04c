"""Her account, and the safes that are hers."""

import datetime as dt

import attrs


@attrs.frozen(kw_only=True)
class Account:
    """
    One person, as she named herself when she opened her safe.

    *strongest*: the best way a code reaches her; a database without that address was tampered
    with. *disabled_at*: support closed it; it signs in and may only export. *erased_at*: she had
    it erased; what its keys sealed is gone with them.
    """

    id: str
    given_name: str = attrs.field(repr=False)
    family_name: str = attrs.field(repr=False)
    locale: str
    created_at: dt.datetime
    strongest: str | None = None
    disabled_at: dt.datetime | None = None
    erased_at: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class SafeRecord:
    """The place of one employment's documents; hers once *account_id* is set."""

    id: str
    employer_id: str
    record_id: str
    account_id: str | None = None
    joined_at: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class Address:
    """
    An e-mail address or phone number of hers; an identifier once *proved_at* is set.

    *adopted*: nobody proved it, and it is her identifier all the same: an employer that adopted her had it on record.
    """

    id: str
    account_id: str
    kind: str
    text: str = attrs.field(repr=False)
    proved_at: dt.datetime | None
    adopted: bool = False


@attrs.frozen(kw_only=True)
class Holder:
    """Who holds the safe, as a portal greets her."""

    given_name: str = attrs.field(repr=False)
    family_name: str = attrs.field(repr=False)
    emails: tuple[str, ...] = attrs.field(repr=False)
    phone: str | None = attrs.field(repr=False)
    locale: str
