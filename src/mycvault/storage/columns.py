"""
The kinds of columns, each of which says what it is; `rows.py` acts on what they say.

All tables share one `MetaData`; their names begin with `mycvault_`. Columns in clear are what indexes need: random ids, times,
sizes, states, kind and period. Everything else is `sealed`, and found again through a `blind` index.
"""

import datetime as dt
from typing import Any, Literal

from sqlalchemy import BigInteger, Column, Dialect, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeDecorator

from mycvault.errors import RecordDamaged

METADATA = MetaData()
_PREFIX = "mycvault_"
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)

Form = Literal["text", "bytes", "date", "json"]


class Moment(TypeDecorator[dt.datetime]):
    """An aware moment, kept as whole microseconds since 1970: the same on every database, exact, ordered."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Count microseconds since 1970."""
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Make the moment again."""
        return as_moment(value)


def table(name: str, *parts: SchemaItem, **info: str) -> Table:
    """
    Make a table of this house.

    On SQLite it is kept in the order of its key, as one tree: ids rise, so that rows are added at its end and found in one walk.
    """
    return Table(_PREFIX + name, METADATA, *parts, info=info, sqlite_with_rowid=False)


def as_moment(value: Any) -> dt.datetime | None:
    """Make a moment of its stored number; RecordDamaged when it is no number, or none of the calendar's."""
    try:
        return None if value is None else EPOCH + dt.timedelta(microseconds=value)
    except (OverflowError, TypeError) as exc:
        raise RecordDamaged from exc


def micros(moment: dt.datetime) -> int:
    """Count the microseconds from 1970 to *moment*."""
    return (moment - EPOCH) // MICROSECOND


def identity(name: str = "id") -> Column[str]:
    """Name the row: a UUIDv7, or another fixed name of at most 36 characters."""
    return Column(name, String(36), primary_key=True)


def ref(name: str, *, nullable: bool = False, index: bool = False) -> Column[Any]:
    """Hold the id of a row elsewhere."""
    return Column(name, String(36), nullable=nullable, index=index)


def word(name: str, *, nullable: bool = False, loose: bool = False) -> Column[Any]:
    """Hold a state or a kind, in clear."""
    return Column(name, String(64), nullable=nullable, info={"loose": loose})


def number(name: str, *, nullable: bool = False, loose: bool = False) -> Column[Any]:
    """Hold a whole number, in clear."""
    kind = BigInteger().with_variant(Integer, "sqlite")
    return Column(name, kind, nullable=nullable, info={"loose": loose})


def moment(
    name: str, *, nullable: bool = True, loose: bool = False, index: bool = False
) -> Column[Any]:
    """Hold a moment; *loose* ones give no authority and stay outside the row's seal."""
    return Column(name, Moment, nullable=nullable, index=index, info={"loose": loose})


def sealed(name: str, form: Form = "text", *, nullable: bool = False) -> Column[Any]:
    """Hold a value sealed under the key that the row's `sealed_by` names."""
    return Column(name, LargeBinary, nullable=nullable, info={"sealed": form})


def sealed_by() -> Column[Any]:
    """Name the key this row's fields are sealed under: a person's, a record's, or a use of the vault's."""
    return Column("sealed_by", String(36), nullable=False)


def blind(name: str, *, of: str, scope: str | None = None, unique: bool = False) -> Column[Any]:
    """Index the sealed column *of* without telling it: equal values within one *scope* (a column) have equal indexes."""
    return Column(
        name,
        LargeBinary(32),
        nullable=True,
        unique=unique,
        index=not unique,
        info={"blind": (of, scope)},
    )


def digest(name: str, *, unique: bool = False, nullable: bool = False) -> Column[Any]:
    """Hold 32 bytes: the digest of a secret, a code's proof, a commitment."""
    return Column(name, LargeBinary(32), nullable=nullable, unique=unique)


def row_seal() -> Column[Any]:
    """Hold the HMAC over all of the row's columns but the loose ones: without keys nobody writes a row we believe."""
    return Column("seal", LargeBinary, nullable=False)
