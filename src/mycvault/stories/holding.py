"""
Whether a hold keeps an employment's documents.

The employment's own sealed row says how many holds it has that nobody ended: one that somebody deleted, or led to another
employment, is missed before anything is destroyed.
"""

from mycvault.act import Act, Look
from mycvault.directory import service as directory
from mycvault.errors import LegalHold, RecordDamaged
from mycvault.retention import rules
from mycvault.retention import service as retention
from mycvault.retention.model import Hold


def holds(look: Look, record_id: str) -> list[Hold]:
    """List the holds that keep an employment today; RecordDamaged when one of its holds is missing."""
    return rules.live(open_holds(look, record_id), today=directory.today(look))


def open_holds(look: Look, record_id: str) -> list[Hold]:
    """List the holds on an employment that nobody ended, in force or over; RecordDamaged when one is missing."""
    found = retention.open_holds(look, record_id)
    if len(found) != directory.holds(look, record_id):
        raise RecordDamaged
    return found


def refuse_held(act: Act, record_id: str) -> None:
    """Make sure that no hold keeps an employment, and none is placed before the act ends; LegalHold."""
    directory.keep_row(act, record_id)
    if holds(act, record_id):
        raise LegalHold
