"""What her doors answer while her account is being erased: her session is over, and nothing was tampered with."""

from collections.abc import Iterator
from contextlib import contextmanager

from mycvault.desk import Call, Desk
from mycvault.errors import RecordDamaged
from mycvault.stories import admitting
from mycvault.values.actors import Actor
from mycvault.values.caller import Caller
from mycvault.values.verbs import Verb


@contextmanager
def opened_for(
    desk: Desk, verb: Verb, owner: Actor, account_id: str, *, caller: Caller | None = None
) -> Iterator[Call]:
    """Open a call of hers; a key that is missing because her account was erased meanwhile is SessionEnded."""
    with desk.call(verb, by=owner, caller=caller, concerning=account_id) as call:
        try:
            yield call
        except RecordDamaged:
            admitting.refuse_erased(call, account_id)
            raise
