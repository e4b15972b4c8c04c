"""The names of the keys below the root, and what each is for."""

from enum import StrEnum

VAULT = "vault"


class Use(StrEnum):
    """
    The vault's own keys: one random key for each use, wrapped under the vault key.

    ACCOUNTS wraps account keys; EMPLOYERS seals an employer's own name and reference, which must be readable without asking
    a KMS (docs/decisions/0004-employer-names.md).
    """

    INDEX = "index"
    SEALS = "seals"
    CODES = "codes"
    OUTBOX = "outbox"
    JOURNAL = "journal"
    SIGNING = "signing"
    ACCOUNTS = "accounts"
    EMPLOYERS = "employers"
