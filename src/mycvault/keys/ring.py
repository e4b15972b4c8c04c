"""
The keys that one transaction's rows ask for.

Personal keys are read from their store once per call and forgotten with it, so that an erasure bites in the next call. Nobody's
employer is asked for here: a call brings the employers it needs before its transactions begin.
"""

from collections.abc import Callable, Iterable

from mycvault.crypto.fields import Key
from mycvault.errors import KeysUnavailable, RecordDamaged
from mycvault.keys import records
from mycvault.keys.model import Use
from mycvault.keys.records import Wrapped
from mycvault.keys.service import Keyring, PersonalKeys
from mycvault.storage.engine import Connection


class TransactionRing:
    """The keys that one transaction's rows ask for; *found* holds the personal ones of one call, and is forgotten with it."""

    def __init__(
        self,
        keyring: Keyring,
        connection: Connection,
        personal: Callable[[], Connection],
        found: PersonalKeys,
    ) -> None:
        self._keyring = keyring
        self._connection = connection
        self._personal = personal
        self._found = found
        self._unbrought: set[str] = set()

    def ready(self, key_ids: Iterable[str]) -> None:
        """Bring several keys to hand with one question to each store."""
        missing = [key_id for key_id in key_ids if not self._knows(key_id)]
        if not missing:
            return
        wrapped = records.find_personal(self._personal(), missing)
        self._open_accounts(wrapped)
        for one in wrapped:
            self._open(one)
        rest = [key_id for key_id in missing if key_id not in self._found]
        if rest:
            for one in records.find(self._connection, rest):
                self._open(one)

    def key(self, key_id: str, version: int | None = None) -> Key:
        """
        Give a key; a person's is read from its store.

        Raises:
            RecordDamaged: There is no such key or version.
            KeysUnavailable: Its employer was not brought to hand first.
        """
        if not self._knows(key_id):
            self.ready((key_id,))
        try:
            found = self._found.get(key_id) or self._keyring.held(key_id, version)
        except KeyError:
            raise (KeysUnavailable if key_id in self._unbrought else RecordDamaged) from None
        if version not in {None, found.version}:
            raise RecordDamaged
        return found

    def _knows(self, key_id: str) -> bool:
        return key_id in self._found or self._keyring.holds(key_id)

    def _open_accounts(self, wrapped: Iterable[Wrapped]) -> None:
        """Find the account keys that safe keys are wrapped under."""
        found = {one.id for one in wrapped}
        parents = {one.wrapped_by for one in wrapped if not self._knows(one.wrapped_by)}
        for one in (
            records.find_personal(self._personal(), parents - found) if parents - found else ()
        ):
            self._open(one)
        for one in wrapped:
            if one.wrapped_by == Use.ACCOUNTS:
                self._open(one)

    def _open(self, wrapped: Wrapped) -> None:
        if wrapped.id in self._found:
            return
        if self._knows(wrapped.wrapped_by):
            parent = self._found.get(wrapped.wrapped_by)
            parent = parent or self._keyring.above(wrapped, self._connection)
            self._found[wrapped.id] = self._keyring.opened(wrapped, parent)
        else:
            # Wrapped under an employer that no call brought; a safe may be under an account as well.
            self._unbrought.add(wrapped.id)
