"""What is left of an erased account goes: rows in an act, keys in the work after it."""

from mycvault.accounts import service as accounts
from mycvault.act import Act
from mycvault.contents import service as contents
from mycvault.desk import Call
from mycvault.documents import removal
from mycvault.errors import RecordDamaged


def forget_account(act: Act, account_id: str) -> int:
    """Take an account's own documents out of the catalogue, their keys with them; tell how many."""
    return _forget_contents(act, removal.erase(act, account_id))


def forget_safe(act: Act, safe_id: str, *, to: str, record_id: str) -> int:
    """Leave of an erased safe its depositor's receipts alone, in the employment's safe *to*; tell how many documents went."""
    return _forget_contents(act, removal.leave_receipts(act, safe_id, to=to, sealed_by=record_id))


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
    are_out = call.keys.destroy([account_id, *(safe.id for safe in held)])
    are_out = call.keys.forget_deleted() and are_out
    with call.act() as act:
        for safe in held:
            # Whose it was is forgotten as well, unless a hold keeps something in it.
            if not removal.holds_any(act, safe.id):
                accounts.forget_safe(act, safe.id)
        if are_out:
            accounts.mark_forgotten(act, account_id)
        act.record(about=account_id, keys="destroyed" if are_out else "in the log")


def _forget_contents(act: Act, document_ids: list[str]) -> int:
    for document_id in document_ids:
        contents.forget(act.rows, document_id)
    return len(document_ids)
