"""
Packs that are mostly dead are rewritten: what lives in one is copied into a new blob, the old one is left to a sweep.

Ciphertext is copied as it is, once it was opened and held against its digest: damage is found here, and not spread. A content's
key is bound to its place and wrapped anew. One act for each pack moves every row that is still what it was; what was
destroyed, held or moved meanwhile is left out. Whoever reads goes on reading the old blob, which stays for its grace.
"""

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import attrs

from mycvault.contents import service as contents
from mycvault.contents import surveying
from mycvault.contents.model import Place, Swept
from mycvault.contents.sealing import IN_MEMORY
from mycvault.contents.surveying import Kept
from mycvault.crypto.content import content_context, unseal
from mycvault.crypto.encoding import Value
from mycvault.desk import Call
from mycvault.documents import auditing, rules
from mycvault.errors import (
    BlobMissing,
    DocumentDamaged,
    DocumentMissing,
    KeysUnavailable,
    RecordDamaged,
    TamperedError,
    WrongKeys,
)
from mycvault.stories import taking_in
from mycvault.values.report import Report

_AT_ONCE = 500  # blobs in a page
_NAMES = ("sparse", "rewritten", "moved", "left", "freed")


@attrs.frozen(kw_only=True)
class _Live:
    """A document that lives in a pack: its row, what opens it, what its key is bound to, what its bytes must be."""

    kept: Kept
    key: bytes = attrs.field(repr=False)
    bound: Sequence[Value] = attrs.field(repr=False)
    sha256: str = attrs.field(repr=False)


def compact(call: Call, *, on_progress: Callable[[int, int], None] | None) -> Report:
    """Rewrite every blob of which less than half lives."""
    counts: Counter[str] = Counter(dict.fromkeys(_NAMES, 0))
    findings: list[str] = []
    sparse = _sparse(call)
    counts["sparse"] = len(sparse)
    for done, blob in enumerate(sparse, start=1):
        counts.update(_rewrite(call, blob, findings))
        if on_progress is not None:
            on_progress(done, len(sparse))
    with call.act() as act:
        told: Any = {name: str(count) for name, count in counts.items()}
        act.record(**told)
    return Report(counts=dict(counts), findings=findings)


def _sparse(call: Call) -> list[str]:
    found: list[str] = []
    after = ""
    while True:
        with call.look() as look:
            page = surveying.sparse_after(look.rows, after, _AT_ONCE)
        if not page:
            return found
        found += [blob for blob, is_sparse in page.items() if is_sparse]
        after = list(page)[-1]  # in the database's order


def _rewrite(call: Call, blob: str, findings: list[str]) -> dict[str, int]:
    """Copy what lives in one pack into a new one; count what came of it."""
    damaged = len(findings)
    live = _whole(call, blob, _find(call, blob, findings), findings)
    if not live:
        return {}
    new, data = call.keys.fresh(16).hex(), b"".join(sealed for _, sealed in live)
    places, offset = [], 0
    for one, sealed in live:
        old = one.kept.place
        place = attrs.evolve(old, blob=new, offset=offset, blob_size=len(data))
        places.append((one, place))
        offset += len(sealed)
    call.blobs.put(new, data if len(data) <= IN_MEMORY else io.BytesIO(data))
    moved = 0
    with suppress(Swept):
        moved = _enter(call, new, places)
    if not moved:
        taking_in.take_away(call, places[0][1].blob)
        return {"left": len(live)}
    # What is damaged stays, and its pack with it.
    freed = old.blob_size - len(data) if len(findings) == damaged else 0
    return {"rewritten": 1, "moved": moved, "left": len(live) - moved, "freed": freed}


def _find(call: Call, blob: str, findings: list[str]) -> list[_Live]:
    """Find what lives in a blob; what does not open is a finding."""
    with call.look(afresh=True) as look:
        ids = surveying.in_blob(look.rows, blob)
        employers = auditing.standing(look, ids)
    for employer in sorted({one for one in employers.values() if one}):
        with suppress(RecordDamaged, WrongKeys):
            call.keys.bring(employer)
    found = []
    with call.look() as look:
        for one in ids:
            kept = surveying.find(look.rows, one)
            try:
                audited = auditing.read(look, one)
                if kept is None or kept.place.blob != blob:
                    continue  # gone or moved since
                if audited is None:
                    findings.append(f"content {one}: {DocumentMissing.code}")
                    continue
                record, bound = audited.record, rules.bound(audited.record)
                _, key = contents.unlock(look.rows, one, key_of=audited.key_of, bound=bound)
            except TamperedError as error:
                findings.append(f"document {one}: {error.code}")
            except KeysUnavailable:
                # No provider is asked in a look: the key above hers is gone.
                findings.append(f"document {one}: {RecordDamaged.code}")
            else:
                found.append(_Live(kept=kept, key=key, bound=bound, sha256=record.sha256))
    return sorted(found, key=lambda one: one.kept.place.offset)


def _whole(
    call: Call, blob: str, live: Sequence[_Live], findings: list[str]
) -> list[tuple[_Live, bytes]]:
    """Fetch the sealed bytes of what lives, and keep those that are what was deposited."""
    whole = []
    for one in live:
        try:
            whole.append((one, _fetch(call, blob, one)))
        except (BlobMissing, DocumentDamaged) as error:
            with call.look() as look:
                now = surveying.find(look.rows, one.kept.id)
            # Destroyed or moved meanwhile, and its bytes swept, it is not damaged.
            if now is not None and now.place == one.kept.place:
                findings.append(f"document {one.kept.id}: {error.code}")
    return whole


def _fetch(call: Call, blob: str, one: _Live) -> bytes:
    """Fetch a content's sealed bytes, opened once and held against its digest. BlobMissing, DocumentDamaged."""
    place = one.kept.place
    sealed = call.blobs.get(blob, start=place.offset, end=place.offset + place.length)
    plain = unseal(sealed, key=one.key, context=content_context(call.keys.vault_id, one.kept.id))
    if len(sealed) != place.length or hashlib.sha256(plain).hexdigest() != one.sha256:
        raise DocumentDamaged
    return sealed


def _enter(call: Call, blob: str, places: Sequence[tuple[_Live, Place]]) -> int:
    """Move rows to their new places, in the order of ids, where they are still what was read; tell how many."""
    with call.act() as act:
        contents.refuse_condemned(act.rows, [blob])
        moved = sum(
            contents.move(act.rows, one.kept, place, one.key, bound=one.bound)
            for one, place in sorted(places, key=lambda pair: pair[0].kept.id)
        )
        act.record(moved=str(moved))
    return moved
