"""
Somebody writes the database and has no key: nothing he writes is believed.

Every column of every table is changed, nulled and filled from another row; rows are swapped, copied, invented and deleted.
After each, every public door is asked everything: an answer is what it was, or less of it, or a typed error. Never an entry,
never other bytes, never an error that is none of the library's.
"""

import datetime as dt
import hashlib
import uuid

import pytest
from sqlalchemy import BigInteger, Integer
from sqlalchemy.exc import DBAPIError

import services
from attack_kit import TABLES, raw_at
from attack_town import Town
from attack_walk import lies, walk
from mycvault.crypto import tokens
from mycvault.storage.columns import Moment

BEYOND = 2**63 - 1  # microseconds that no calendar holds
POSTED = {"letters", "links", "employers"}  # tables that letters depend on


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scene(request, tmp_path_factory):
    """A town, its raw database, what every row was and what every door said."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('town')}/records.sqlite3"
    else:
        url = services.fresh_database(request.getfixturevalue("postgres_url"))
    town = Town(url)
    with raw_at(url) as raw:
        snapshot = raw.everything()
        truth = walk(town)
        raw.put_back(snapshot)
        assert lies({}, truth) == []
        yield town, raw, snapshot, truth
    if request.param == "postgresql":
        services.drop_database(url)


@pytest.fixture
def attack(scene):
    """Run an attack, then list the lies it made the doors tell; everything is put back."""
    town, raw, snapshot, truth = scene

    def run(*strokes, post=False):
        struck = 0
        try:
            for stroke in strokes:
                try:
                    stroke(raw)
                except (DBAPIError, LookupError):
                    continue  # the database itself refuses to hold it, or its key was changed just before
                struck += 1
            return lies(truth, walk(town, post=post)) if struck else []
        finally:
            raw.put_back(snapshot)

    return run


def changed(column, value):
    """Give another value of the same kind."""
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        return raw[:-1] + bytes([raw[-1] ^ 1])
    if isinstance(value, int):
        return value + 1
    if value is None:
        return 1 if isinstance(column.type, Integer | BigInteger | Moment) else "x"
    return value[:-1] + ("a" if value[-1:] != "a" else "b")


def strokes_on(table, column, rows, turn):
    """Change one row, null another and fill a third from a fourth; *turn* says which."""
    turn %= max(len(rows), 1)
    picked = rows[turn:] + rows[:turn]
    name = column.name
    for first in picked[:1]:
        yield lambda raw, row=first: raw.write(table, row, {name: changed(column, row[name])})
    if len(rows) > 1:
        yield lambda raw: raw.write(table, picked[1], {name: None})
    other = next((row for row in picked[::-1] if row[name] != picked[-1][name]), None)
    if len(rows) > 2 and other is not None:
        yield lambda raw: raw.write(table, picked[-1], {name: other[name]})


def columns_of(table):
    return [column for column in table.c if not column.info.get("loose")]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_changed_column_is_not_believed(name, scene, attack):
    """A column changed, nulled or copied from another row never makes a door say more or else."""
    table, rows = TABLES[name], scene[2][TABLES[name]]
    # Several columns at a time, in different rows where there are enough: fewer walks.
    turn, step = (0, 2) if scene[1].lite else (1, 4)
    columns = columns_of(table)

    found = {}
    for pair in (columns[n : n + step] for n in range(0, len(columns), step)):
        strokes = [s for n, c in enumerate(pair) for s in strokes_on(table, c, rows, turn + 3 * n)]
        if told := attack(*strokes, post=name in POSTED):
            found[" ".join(column.name for column in pair)] = told

    assert found == {}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_two_rows_that_changed_places_are_not_believed(name, scene, attack):
    """Two rows that keep their ids and exchange all the rest, or all but the seal, never make a door lie."""
    table, rows = TABLES[name], scene[2][TABLES[name]]
    keys = {column.name for column in table.primary_key}

    def swap(kept):
        one, other = rows[0], rows[-1]
        names = [n for n in one if n not in keys | kept]
        spare = {n: changed(table.c[n], one[n]) for n in names if table.c[n].unique}

        def run(raw):
            raw.write(table, one, spare) if spare else None
            raw.write(table, other, {n: one[n] for n in names})
            raw.write(table, one, {n: other[n] for n in names})

        return run

    found = [attack(swap(kept)) for kept in (set(), {"seal"})] if len(rows) > 1 else []

    assert [told for told in found if told] == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_copied_row_is_not_believed(name, scene, attack):
    """A row written again under another id, with its unique values changed, never makes a door lie."""
    table, rows = TABLES[name], scene[2][TABLES[name]]
    key = table.primary_key.columns[0]
    unique = [column for column in table.c if column.unique and not column.primary_key]

    def copy(row):
        new = {c.name: changed(c, row[c.name]) for c in unique if row[c.name] is not None}
        if "sequence" in row:
            new["sequence"] = row["sequence"] + 1000
        new[key.name] = bytes(32) if isinstance(row[key.name], bytes) else str(uuid.uuid4())
        return lambda raw: raw.add(table, {**row, **new})

    found = [attack(copy(row)) for row in rows[-2:]]

    assert [told for told in found if told] == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_deleted_row_is_missed_or_absent(name, scene, attack):
    """A deleted row makes doors refuse or show less; none shows more, and none breaks."""
    table, rows = TABLES[name], scene[2][TABLES[name]]

    def remove(row):
        return lambda raw: raw.remove(table, row)

    found = [attack(remove(row), post=name in POSTED) for row in rows[:: len(rows) // 2 + 1]]
    found.append(attack(*[remove(row) for row in rows]))

    assert [told for told in found if told] == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_moment_beyond_the_calendar_breaks_nothing(name, scene, attack):
    """A moment that no calendar holds is damage like any other, in loose columns and counters too."""
    table, rows = TABLES[name], scene[2][TABLES[name]]
    columns = [column.name for column in table.c if isinstance(column.type, Moment)]

    def stroke(number):
        row = rows[number % len(rows)]
        return lambda raw: raw.write(table, row, {columns[number % len(columns)]: BEYOND})

    turns = max(len(rows), len(columns)) if rows and columns else 0
    told = attack(*[stroke(number) for number in range(turns)], post=name == "letters")

    assert told == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_value_of_another_kind_breaks_nothing(name, scene, attack):
    """SQLite keeps any kind of value in any column: one of a wrong kind is damage like any other."""
    table, rows = TABLES[name], scene[2][TABLES[name]]
    columns = [column for column in table.c if not column.primary_key]

    def strokes(pair):
        for row, column in zip(rows, pair, strict=False):
            value = b"\xff" if isinstance(row[column.name], str) else "text"
            yield lambda raw, row=row, new={column.name: value}: raw.write(table, row, new)

    pairs = [columns[n : n + 2] for n in range(0, len(columns), 2)] if scene[1].lite else []
    if len(rows) == 1:
        pairs = [[column] for pair in pairs for column in pair]
    found = {str(pair): told for pair in pairs if (told := attack(*strokes(pair)))}

    assert found == {}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_half_a_unit_is_not_the_whole(name, scene, attack):
    """SQLite keeps 1.5 where a whole number was sealed: it does not pass for 1."""
    table, rows = TABLES[name], scene[2][TABLES[name]]

    def strokes(column):
        numbers = [row for row in rows if type(row[column.name]) is int]
        return [
            lambda raw, row=row: raw.write(table, row, {column.name: row[column.name] + 0.5})
            for row in numbers
        ]

    found = {
        column.name: told
        for column in columns_of(table)
        if scene[1].lite
        and isinstance(column.type, Integer | BigInteger)
        and (told := attack(*strokes(column)))
    }

    assert found == {}


def test_what_an_attacker_would_write_first(scene, attack):
    """A link un-used or un-expired, a session, safe or address of another, a longer code: each is refused by itself."""
    _, _, snapshot, _ = scene
    by = {name: snapshot[table] for name, table in TABLES.items()}
    zelie, albert = sorted({row["account_id"] for row in by["sessions"]})
    later = by["links"][-1]["expires_at"] + 10**12
    live = by["links"][-1]

    def each(name, pick, **changes):
        rows = [row for row in by[name] if pick(row)]
        assert rows, name
        return [lambda raw, row=row: raw.write(TABLES[name], row, changes) for row in rows]

    attempts = {
        "used link": each("links", lambda r: r["used_at"], used_at=None),
        "revoked link": each("links", lambda r: r["revoked_at"], revoked_at=None),
        "expired link": each("links", lambda r: True, expires_at=later),
        "link of another": each("links", lambda r: True, owner=live["owner"]),
        "link without code": each("links", lambda r: True, code_proof=None),
        "ended session": each("sessions", lambda r: r["ended_at"], ended_at=None),
        "session of another": each(
            "sessions", lambda r: r["account_id"] == zelie, account_id=albert
        ),
        "stronger session": each("sessions", lambda r: True, assurance=3),
        "longer session": each("sessions", lambda r: True, expires_at=later, fresh_until=later),
        "safe of another": each("safes", lambda r: r["account_id"] == zelie, account_id=albert),
        "free safe": each("safes", lambda r: r["account_id"], account_id=None, joined_at=None),
        "taken safe": each("safes", lambda r: not r["account_id"], account_id=albert),
        "identifier of another": each(
            "addresses", lambda r: r["account_id"] == zelie, account_id=albert
        ),
        "used code": each("challenges", lambda r: r["used_at"], used_at=None),
        "longer code": each("challenges", lambda r: True, expires_at=later, used_at=None),
        "code for something else": each("challenges", lambda r: True, purpose="activation"),
        "code of another": each("challenges", lambda r: r["subject"] == zelie, subject=albert),
        "older step": each("apps", lambda r: True, newest_step=0),
        "no step": each("apps", lambda r: True, newest_step=None),
        "unused recovery code": each("recovery_codes", lambda r: r["used_at"], used_at=None),
        "recovery code of another": each("recovery_codes", lambda r: True, account_id=zelie),
        "document of another": each("documents", lambda r: True, safe_id=by["safes"][-1]["id"]),
        "joined again": each("employees", lambda r: r["joined_at"], joined_at=None),
    }
    found = {what: told for what, strokes in attempts.items() if (told := attack(*strokes))}

    assert found == {}


def test_an_invented_session_and_link_open_nothing(scene):
    """Rows written for secrets the attacker drew himself are refused as damaged, whatever seal he writes."""
    town, raw, snapshot, _ = scene
    secret = hashlib.sha256(b"drawn by the attacker").digest()
    far = int(dt.datetime(2099, 1, 1, tzinfo=dt.UTC).timestamp()) * 10**6
    refused = []

    for name, purpose in (("sessions", "session"), ("links", "invite"), ("challenges", "code")):
        row = {
            **snapshot[TABLES[name]][0],
            "id": str(uuid.uuid4()),
            "secret": tokens.digest(secret),
        }
        row |= {"expires_at": far} | {
            k: None for k in ("used_at", "ended_at", "revoked_at") if k in row
        }
        raw.add(TABLES[name], row)
        token = tokens.write(purpose, secret)
        with town.opened() as vault:
            for knock in (vault.resume, vault.joining.look_up, vault.look_up_code):
                with pytest.raises(Exception) as told:
                    knock(token)
                refused.append(type(told.value).__name__)
        raw.put_back(snapshot)

    assert sorted(refused) == sorted(
        ["RecordDamaged"] * 3 + ["SessionEnded"] * 2 + ["LinkInvalid"] * 2 + ["CodeExpired"] * 2
    )
