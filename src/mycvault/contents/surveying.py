"""All contents in the order of their ids, and the blobs they lie in, within a look: for a check and a compaction."""

from mycvault.contents import records
from mycvault.contents.records import Kept
from mycvault.storage.rows import Rows

__all__ = ["Kept", "find", "ids_after", "in_blob", "sparse_after"]


def ids_after(rows: Rows, after: str, count: int) -> list[str]:
    """List the ids of contents, above *after*; whose they are stands elsewhere."""
    return records.ids_after(rows, after, count)


def find(rows: Rows, content_id: str) -> Kept | None:
    """Find a content's row; what it says is proved when its key is unwrapped."""
    return records.find(rows, content_id)


def sparse_after(rows: Rows, after: str, count: int) -> dict[str, bool]:
    """List blobs above *after*, and whether less than half of each is some content's; nothing is proved."""
    return records.sparse_after(rows, after, count)


def in_blob(rows: Rows, blob: str) -> list[str]:
    """List the ids of contents that lie in a blob, in their order."""
    return records.in_blob(rows, blob)
