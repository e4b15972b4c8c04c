"""
What a crowd must leave behind: everything it was promised, nothing twice, a clean vault and no word of a deadlock.
"""

import datetime as dt
import json
import pathlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import make_url

import crowd
import crowd_worker
import kit

MAY_FAIL = {
    "BlobsUnavailable"
}  # a deposit, whose bytes sweeps without a grace took again and again


class Told:
    """All that the workers wrote down."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.lines: list[dict[str, Any]] = []
        for file in sorted(folder.glob("*.told")):
            for line in file.read_text().splitlines(keepends=True):
                if line.endswith("\n"):  # a kill may cut the last one
                    self.lines.append({"life": file.stem, **json.loads(line)})
        self.put = defaultdict(set)
        for line in self.all("put"):
            self.put[line["reference"]].add(line["put"])
        self.doomed = {line["doomed"] for line in self.all("doomed")}
        self.destroyed = {line["destroyed"] for line in self.all("destroyed")}

    def all(self, *keys: str) -> Iterator[dict[str, Any]]:
        return (line for line in self.lines if any(key in line for key in keys))

    def figures(self) -> dict[str, int]:
        """Count what was done, by name."""
        counts = Counter(f"act {line['did']}" for line in self.all("did"))
        counts["deposits acknowledged"] = sum(1 for _ in self.all("put"))
        counts["documents"] = len(self.put)
        counts["replayed"] = sum(line["replayed"] for line in self.all("put"))
        counts["destroyed"] = len(self.destroyed)
        counts["letters"] = sum(line["sent"] for line in self.all("sent"))
        for line in self.all("report"):
            for name in ("deleted", "rewritten", "moved", "restored", "left"):
                counts[f"{line['report']}: {name}"] += line.get(name, 0)
        for line in self.all("unavailable", "refused", "untyped"):
            kind = next(one for one in ("unavailable", "refused", "untyped") if one in line)
            counts[f"{kind} {line[kind]} in {line['in']}"] += 1
        return {name: counts[name] for name in sorted(counts) if counts[name]}


def judge(house: kit.House, order: dict[str, Any], seen: dict[str, Any], log: str = "") -> Told:
    """Hold everything that must be against the vault; *log* is what its PostgreSQL wrote meanwhile."""
    told = Told(pathlib.Path(order["folder"]))
    assert seen["stalled"] == [], "\n".join(seen["stalled"])
    assert seen["failed"] == []
    assert "deadlock detected" not in log, _around(log, "deadlock detected")
    for kind in ("untyped", "refused", "wrong", "finding"):
        met = list(told.all(kind))
        assert not met, f"{len(met)}, first: {met[0].get('trace', met[0])}"
    for line in told.all("unavailable"):
        assert line["unavailable"] in MAY_FAIL, line["trace"]

    promised = _promised(told)
    _nothing_lost(house, order, told, promised)
    _nothing_twice(house, told, promised)
    _is_clean(house)
    return told


def _promised(told: Told) -> dict[str, str]:
    """One id for each reference, made once, of the bytes that were given."""
    assert [name for name, ids in told.put.items() if len(ids) > 1] == []
    made = Counter(line["reference"] for line in told.all("put") if not line["replayed"])
    assert [name for name, times in made.items() if times > 1] == []
    wrong = [
        line for line in told.all("put") if line["sha256"] != crowd_worker.digest(line["reference"])
    ]
    assert wrong == []
    return {name: next(iter(ids)) for name, ids in told.put.items()}


def _nothing_lost(
    house: kit.House, order: dict[str, Any], told: Told, promised: dict[str, str]
) -> None:
    """What was acknowledged reads back, unless its owner destroyed it; what she destroyed is not listed."""
    found: dict[str, str] = {}
    for who in order["staff"]:
        session = order["people"].get(who)
        safe = (house.vault.resume(session) if session else house.activated(who)).safe
        for document in pages(safe.documents):
            assert document.id not in found
            found[document.id] = document.title
            assert safe.read(document.id) == crowd_worker.content(document.title)
    gone = {document: name for name, document in promised.items() if document not in found}
    lost = {document: name for document, name in gone.items() if document not in told.doomed}
    assert lost == {}
    assert all(crowd_worker.may_go(name) for name in gone.values())
    assert told.destroyed & found.keys() == set()
    twice = [title for title, times in Counter(found.values()).items() if times > 1]
    assert twice == []


def _nothing_twice(house: kit.House, told: Told, promised: dict[str, str]) -> None:
    """The employer's list has each reference once; whoever saw a payroll through has all of it in there, as have the others."""
    receipts = list(pages(house.acme.deposits))
    references = Counter(receipt.reference for receipt in receipts)
    assert [name for name, times in references.items() if times > 1] == []
    kept = {name: house_id for name, house_id in promised.items() if not crowd_worker.may_go(name)}
    assert kept.items() <= {one.reference: one.document_id for one in receipts}.items()
    staff = crowd.JOINED + crowd.OTHERS
    for number in {line["paid"] for line in told.all("paid")}:
        assert all(crowd_worker.named(f"payroll-{number}-1", who) in promised for who in staff), (
            number
        )
    matricules = [person.matricule for person in pages(house.acme.employees)]
    assert len(matricules) == len(set(matricules))
    assert {who for line in told.all("synced") for who in line["synced"]} <= set(matricules)


def _is_clean(house: kit.House) -> None:
    """A check finds nothing, a rotation ends, and a sweep leaves what rows refer to and nothing else."""
    report = house.vault.upkeep.rotate_keys()
    assert (list(report.findings), report.counts["left"]) == ([], 0)
    for _ in range(2):
        swept = house.vault.upkeep.sweep(grace=dt.timedelta())
        assert list(swept.findings) == []
    checked = house.vault.upkeep.check()
    assert list(checked.findings) == []
    assert checked.counts["orphans"] == 0
    rows = house.rows("SELECT DISTINCT blob FROM mycvault_contents")
    assert sorted(house.vault._desk.blobs.scan()) == sorted(row[0] for row in rows)


def pages(call: Any) -> Iterator[Any]:
    """Walk a list of the vault, page by page."""
    after = None
    while True:
        page = call(after=after, limit=1000)
        yield from page.items
        after = page.after
        if after is None:
            return


def postgres_log(url: str) -> pathlib.Path:
    """Name the log of a cluster of our own (`services.postgres_cluster`)."""
    return pathlib.Path(str(make_url(url).query["host"]), "log")


def _around(log: str, word: str) -> str:
    at = log.index(word)
    return log[max(0, at - 500) : at + 3000]
