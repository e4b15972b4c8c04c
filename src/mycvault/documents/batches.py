"""
Many deposits at once: known again by their references, entered together.

They go in the order of their references' blind indexes. For who has no key that is a shuffle, so that ids and places tell nothing
of a payroll's order; and it is the same for every worker, so that two with one payroll never wait for each other crosswise.
"""

from collections.abc import Iterable, Sequence

from mycvault.act import Act, Look
from mycvault.documents import records, service
from mycvault.documents.model import DocumentRecord


def in_order(look: Look, employer_id: str, references: Iterable[str]) -> dict[str, bytes]:
    """Put an employer's references in the order in which they are entered, each with its blind index."""
    indexed = [(records.reference_index(look.rows, employer_id, one), one) for one in references]
    return {reference: index for index, reference in sorted(indexed)}


def deposited(look: Look, indexes: Iterable[bytes]) -> dict[str, DocumentRecord]:
    """Find what was deposited before, by reference; RecordDamaged when one row of them is."""
    return {found.reference or "": found for found in records.by_indexes(look.rows, list(indexes))}


def deposit_all(act: Act, documents: Sequence[DocumentRecord]) -> bool:
    """Write new documents, in the order given; False when another call used one of their references: the act must not end."""
    # One question for all of them, where each group of rows would ask one of its own.
    act.rows.ring.ready({document.safe_id for document in documents})
    if not records.add_all(act.rows, documents):
        return False
    for document in documents:
        service.record_deposit(act, document)
    return True
