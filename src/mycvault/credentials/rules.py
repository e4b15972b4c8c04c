"""
The form a password is hashed in, and how long it must be. Pure.

NFC before hashing, so that the same keys give the same password on every machine (NIST SP 800-63B-4, 3.1.1.2); no rules on what
it is made of, no expiry. Lengths count characters after NFC.
"""

import unicodedata

from mycvault.errors import InputError, PasswordTooWeak, Reason
from mycvault.policy import PasswordPolicy
from mycvault.values.words import parse_text


def normalised(password: str, policy: PasswordPolicy) -> str:
    """
    Give the password in the form that is hashed.

    Raises:
        PasswordTooWeak: Longer than the policy takes; found before any work is done on it.
        InvalidInput: No text, or one that cannot be encoded.
    """
    if isinstance(password, str) and len(password) > 4 * policy.maximum:
        raise PasswordTooWeak((Reason.TOO_LONG,))
    parse_text(password, field="password", longest=4 * policy.maximum)
    text = unicodedata.normalize("NFC", password)
    if len(text) > policy.maximum:
        raise PasswordTooWeak((Reason.TOO_LONG,))
    return text


def attempted(password: str, policy: PasswordPolicy) -> str:
    """Give a typed password as it is compared: as typed, for the hasher tries NFC too; empty when too long to be anybody's."""
    try:
        normalised(password, policy)
    except InputError:
        return ""
    return password
