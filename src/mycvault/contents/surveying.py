"""All contents in the order of their ids, within a look: for a check."""

from mycvault.contents import records
from mycvault.storage.rows import Rows


def ids_after(rows: Rows, after: str, count: int) -> list[str]:
    """List the ids of contents, above *after*; whose they are stands elsewhere."""
    return records.ids_after(rows, after, count)


def is_there(rows: Rows, content_id: str) -> bool:
    """Tell whether a content has its row."""
    return records.find(rows, content_id) is not None
