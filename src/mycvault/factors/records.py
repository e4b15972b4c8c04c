"""
The rows of apps and recovery codes: the app's secret under her key, the codes as proofs, both rows under a seal.

A database writer changes neither the newest step nor what was used; a deleted app is missed, for her account's sealed row says
that she has one.
"""

import datetime as dt
from typing import Any

import attrs
from sqlalchemy import bindparam, delete, select

from mycvault.factors.model import App, RecoveryCode
from mycvault.storage.columns import (
    digest,
    identity,
    moment,
    number,
    ref,
    row_seal,
    sealed,
    sealed_by,
    table,
)
from mycvault.storage.rows import Row, Rows

APPS = table(
    "apps",
    identity(),
    ref("account_id", index=True),
    ref("session"),
    sealed_by(),
    sealed("secret", "bytes"),
    moment("created_at", nullable=False),
    moment("confirmed_at"),
    number("newest_step", nullable=True),
    row_seal(),
)
RECOVERY_CODES = table(
    "recovery_codes",
    identity(),
    ref("account_id", index=True),
    digest("proof"),
    moment("used_at"),
    row_seal(),
)

_APPS_OF = select(APPS).where(APPS.c.account_id == bindparam("account")).order_by(APPS.c.id)
_CODES_OF = (
    select(RECOVERY_CODES)
    .where(RECOVERY_CODES.c.account_id == bindparam("account"))
    .order_by(RECOVERY_CODES.c.id)
)
_FORGET_PENDING = delete(APPS).where(
    APPS.c.account_id == bindparam("account"), APPS.c.confirmed_at.is_(None)
)
_FORGET_OTHERS = delete(APPS).where(
    APPS.c.account_id == bindparam("account"), APPS.c.id != bindparam("app")
)
_FORGET_APPS = delete(APPS).where(APPS.c.account_id == bindparam("account"))
_FORGET_CODES = delete(RECOVERY_CODES).where(RECOVERY_CODES.c.account_id == bindparam("account"))
_APP_FIELDS = tuple(field.name for field in attrs.fields(App))
_CODE_FIELDS = tuple(field.name for field in attrs.fields(RecoveryCode))


def add_app(rows: Rows, app: App) -> None:
    """Write a new app, pending."""
    rows.insert(APPS, attrs.asdict(app) | {"sealed_by": app.account_id})


def apps_of(rows: Rows, account_id: str) -> list[App]:
    """List an account's apps, pending or not, oldest first."""
    return [_app(row) for row in rows.all(_APPS_OF, account=account_id)]


def glance_apps(rows: Rows, account_id: str) -> list[Row]:
    """List an account's apps, their secrets left sealed."""
    return rows.glances(_APPS_OF, account=account_id)


def confirm(rows: Rows, app_id: str, *, now: dt.datetime, step: int) -> bool:
    """Make a pending app hers, *step* being used; of many who try, one succeeds."""
    changes = {"confirmed_at": now, "newest_step": step}
    return rows.change(APPS, app_id, changes, where={"confirmed_at": None})


def use_step(rows: Rows, app_id: str, step: int, *, newest_used: int | None) -> bool:
    """Move an app's newest step forward, from the one that was read; of many who try, one succeeds."""
    return rows.change(APPS, app_id, {"newest_step": step}, where={"newest_step": newest_used})


def forget_pending(rows: Rows, account_id: str) -> None:
    """Delete what an account began to enrol."""
    rows.execute(_FORGET_PENDING, account=account_id)


def forget_others(rows: Rows, account_id: str, app_id: str) -> None:
    """Delete every app of an account but one."""
    rows.execute(_FORGET_OTHERS, account=account_id, app=app_id)


def forget_apps(rows: Rows, account_id: str) -> None:
    """Delete every app of an account."""
    rows.execute(_FORGET_APPS, account=account_id)


def add_codes(rows: Rows, codes: list[RecoveryCode]) -> None:
    """Write new recovery codes."""
    rows.insert(RECOVERY_CODES, *map(attrs.asdict, codes))


def codes_of(rows: Rows, account_id: str) -> list[RecoveryCode]:
    """List an account's recovery codes, used or not, in the order they were made."""
    found: list[dict[str, Any]] = rows.all(_CODES_OF, account=account_id)
    return [RecoveryCode(**{name: row[name] for name in _CODE_FIELDS}) for row in found]


def use_code(rows: Rows, code_id: str, now: dt.datetime) -> bool:
    """Use a recovery code; of many who try, one succeeds."""
    return rows.change(RECOVERY_CODES, code_id, {"used_at": now}, where={"used_at": None})


def forget_codes(rows: Rows, account_id: str) -> None:
    """Delete every recovery code of an account."""
    rows.execute(_FORGET_CODES, account=account_id)


def _app(row: Row) -> App:
    return App(**{name: row[name] for name in _APP_FIELDS})
