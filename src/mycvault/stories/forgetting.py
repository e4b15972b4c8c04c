"""What is left of an erased account goes: rows in an act, keys in the work after it."""

from mycvault.accounts import service as accounts
from mycvault.act import Act
from mycvault.contents import service as contents
from mycvault.desk import Call
from mycvault.documents import removal
from mycvault.errors import RecordDamaged


def forget_place(act: Act, place: str) -> int:
    """Take everything in one safe, or of one account, out of the catalogue, its keys with it; tell how much."""
    found = removal.erase(act, place)
    for document_id in found:
        contents.forget(act.rows, document_id)
    return len(found)


def forget_keys(call: Call, account_id: str) -> None:
    """
    Destroy the keys of an account that is erased: its own and its safes'; a second call goes on where one was cut.

    Raises:
        RecordDamaged: Its sealed row does not say so: whoever writes the database must not have anybody erased.
    """
    with call.look() as look:
        if not accounts.is_erased(look, account_id):
            raise RecordDamaged
        held = accounts.safes_of(look, account_id)
    call.keys.destroy([account_id, *(safe.id for safe in held)])
    with call.act() as act:
        accounts.mark_forgotten(act, account_id)
        act.record(about=account_id)
