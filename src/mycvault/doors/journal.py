"""The journal's door: the key by which others verify what it will sign."""

from mycvault.desk import Desk
from mycvault.journal import note
from mycvault.keys.model import Use


class Journal:
    """
    The door of `Vault.journal`.

    Checkpoints, proofs and their verification come later; the key that signs them is every vault's from its beginning, so that a
    host can publish it, or keep it where the vault's operator cannot change it, today.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def public_key(self) -> str:
        """Give the key that verifies this vault's checkpoints, for its whole life, as a C2SP signed-note verifier key."""
        keys = self._desk.keys
        return note.verifier_key(note.origin(keys.vault_id), keys.held(Use.SIGNING).public_key())
