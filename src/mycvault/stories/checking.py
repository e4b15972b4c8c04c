"""
The operator checks the vault: every document's row, key and bytes, every key, every sequence of the journal.

All of it is walked in pages, each read in a short look and verified outside. What fails is looked at once more: it may just
have been destroyed, erased or moved. Findings name ids and codes, never a person. An outage is raised, never a finding.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from mycvault.accounts import service as accounts
from mycvault.act import Look
from mycvault.contents import condemning, listing, surveying
from mycvault.contents import service as contents
from mycvault.crypto.encoding import Value
from mycvault.delivery import service as delivery
from mycvault.desk import Call
from mycvault.documents import auditing, rules
from mycvault.errors import (
    BlobMissing,
    DocumentDamaged,
    DocumentMissing,
    InvalidInput,
    JournalBroken,
    KeysUnavailable,
    RecordDamaged,
    TamperedError,
    WrongKeys,
)
from mycvault.journal import service as journal
from mycvault.stories.verifying import Wanted, verify
from mycvault.values.report import Report

_AT_ONCE = 200  # contents in a page
_KEYS = 500  # keys and subjects in a page
_MOST = 1000  # findings that are named; beyond them they are counted
_FRACTION = 1 << 32
_NAMES = ("documents", "evidence", "bytes", "damaged", "missing", "unreadable")
_MORE = ("strays", "keys_missing", "gaps", "orphans")


class _ContentMissing(TamperedError):  # noqa: N818 - as every leaf, it states the fact
    """No row says where a document lies."""


_COUNTED = {
    BlobMissing.code: "missing",
    _ContentMissing.code: "missing",
    DocumentDamaged.code: "damaged",
}

Progress = Callable[[int, int], None]
_Read = Callable[[Look, str], Wanted | None]


def check(call: Call, *, sample: float, on_progress: Progress | None) -> Report:
    """Verify the vault, or a share of its contents; InvalidInput when *sample* is not from 0 to 1."""
    check = _Check(call, _parse_sample(sample))
    check.documents(on_progress or (lambda _done, _total: None))
    check.contents()
    check.keys()
    check.journal()
    for keys in listing.stored(call.blobs):
        with call.look() as look:
            check.counts["orphans"] += condemning.unreferenced(look.rows, keys)
    with call.act() as act:
        told: Any = {name: str(count) for name, count in check.counts.items()}
        act.record(**told)
    return Report(counts=dict(check.counts), findings=check.told())


def _parse_sample(sample: float) -> float:
    given: object = sample  # what arrives is not always what the types say
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
        raise InvalidInput("a share from 0 to 1", field="sample")
    return float(given)


class _Check:
    """One check on its way: what was counted and found so far."""

    def __init__(self, call: Call, sample: float) -> None:
        self.counts: Counter[str] = Counter(dict.fromkeys(_NAMES + _MORE, 0))
        self._call = call
        self._sample = sample
        self._found: list[str] = []
        self._more = 0

    def told(self) -> list[str]:
        """Give the findings, a thousand at most."""
        return self._found + ([f"and {self._more} more"] if self._more else [])

    def documents(self, on_progress: Progress) -> None:
        """Verify what stands in the catalogue as the check begins."""
        with self._call.look() as look:
            total, until = auditing.extent(look)
        done, after = 0, ""
        while True:
            with self._call.look() as look:
                some = auditing.some(look, after=after, until=until, count=_AT_ONCE)
            if not some:
                break
            self._verify(some, "document", _document)
            done, after = done + len(some), list(some)[-1]  # in the database's order
            on_progress(min(done, total), total)
        on_progress(total, total)

    def contents(self) -> None:
        """Look for contents that are no document's, and verify those that are evidence."""
        after = ""
        while True:
            with self._call.look() as look:
                ids = surveying.ids_after(look.rows, after, _KEYS)
                documents = auditing.standing(look, ids)
                evidence = delivery.evidence(look, [one for one in ids if one not in documents])
            if not ids:
                return
            for stray in ids:
                if stray not in documents and stray not in evidence:
                    self._find("strays", f"content {stray}: {DocumentMissing.code}")
            self._verify(evidence, "evidence", _evidence)
            after = ids[-1]

    def keys(self) -> None:
        """Look for accounts and safes whose keys are not in their store."""
        for kind, list_after in (
            ("account", accounts.standing_after),
            ("safe", accounts.safes_after),
        ):
            after = ""
            while True:
                with self._call.look() as look:
                    ids = list_after(look, after, _KEYS)
                if not ids:
                    break
                for place in sorted(self._call.keys.missing(ids)):
                    self._find_keyless(kind, place)
                after = ids[-1]

    def journal(self) -> None:
        """Look for sequences of events with a gap."""
        after = ""
        while True:
            with self._call.look() as look:
                subjects = journal.whole_after(look.rows, after, _KEYS)
            if not subjects:
                return
            for subject in (one for one, is_whole in subjects.items() if not is_whole):
                self._find("gaps", f"journal {subject}: {JournalBroken.code}")
            after = list(subjects)[-1]

    # ------------------------------------------------------------ the steps

    def _find(self, count: str, finding: str) -> None:
        self.counts[count] += 1
        if len(self._found) < _MOST:
            self._found.append(finding)
        else:
            self._more += 1

    def _find_keyless(self, kind: str, place: str) -> None:
        try:
            with self._call.look() as look:
                # An erasure says so before the key goes.
                if not accounts.must_open(look, place):
                    return
        except RecordDamaged:
            pass
        self._find("keys_missing", f"{kind} {place}: {RecordDamaged.code}")

    def _verify(self, listed: Mapping[str, str | None], kind: str, read: _Read) -> None:
        """Verify a page of contents, given with their employers'; what fails once more is a finding."""
        chosen = [one for one in listed if self._is_chosen()]
        employers = {employer for one in chosen if (employer := listed[one])}
        self._bring(employers)
        size, problems = self._verify_now(chosen, read)
        if problems:
            # Since then it may have been destroyed or erased, or moved into another blob.
            again, problems = self._verify_now(problems, read)
            size += again
        self.counts["documents" if kind == "document" else kind] += len(chosen)
        self.counts["bytes"] += size
        for one, code in problems.items():
            self._find(_COUNTED.get(code, "unreadable"), f"{kind} {one}: {code}")

    def _is_chosen(self) -> bool:
        if self._sample == 1:
            return True
        drawn = int.from_bytes(self._call.keys.fresh(4))
        return drawn < self._sample * _FRACTION

    def _bring(self, employers: Collection[str]) -> None:
        """Bring employers' keys to hand; what one that is gone kept is found as each content is read. KeysUnavailable."""
        for employer in sorted(employers):
            with suppress(RecordDamaged, WrongKeys):
                self._call.keys.bring(employer)

    def _verify_now(self, ids: Collection[str], read: _Read) -> tuple[int, dict[str, str]]:
        """Verify contents; give how many bytes were good, and the codes of those that are not."""
        problems: dict[str, str] = {}
        wanted: list[Wanted] = []
        with self._call.look(afresh=True) as look:
            for one in ids:
                try:
                    found = read(look, one)
                except TamperedError as error:
                    problems[one] = error.code
                except KeysUnavailable:
                    # No provider is asked in a look: the key above hers is gone.
                    problems[one] = RecordDamaged.code
                else:
                    wanted += [] if found is None else [found]
        problems |= verify(self._call, wanted)
        return sum(one.place.size for one in wanted if one.id not in problems), problems


def _document(look: Look, document_id: str) -> Wanted | None:
    """Read what a document must be; None when it is gone. RecordDamaged, DocumentDamaged."""
    found = auditing.read(look, document_id)
    if found is None:
        return None
    record, bound = found.record, rules.bound(found.record)
    return _wanted(look, record.id, record.sha256, key_of=found.key_of, bound=bound)


def _evidence(look: Look, content_id: str) -> Wanted | None:
    """Read what a declaration's evidence must be; None when it is gone. RecordDamaged, DocumentDamaged."""
    found = delivery.proved_by(look, content_id)
    if found is None or found[0].evidence is None:
        return None
    declared, proof = found[0], found[0].evidence
    bound = ["evidence", found[1]]
    return _wanted(look, content_id, proof.sha256, key_of=declared.record_id, bound=bound)


def _wanted(
    look: Look, content_id: str, sha256: str, *, key_of: str, bound: Sequence[Value]
) -> Wanted:
    if surveying.find(look.rows, content_id) is None:
        raise _ContentMissing
    place, key = contents.unlock(look.rows, content_id, key_of=key_of, bound=bound)
    return Wanted(id=content_id, place=place, key=key, sha256=sha256)
