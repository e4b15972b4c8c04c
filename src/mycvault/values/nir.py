"""
The French social security number (NIR), which never routes, names or titles anything here.

Rule: 15 digits with a valid key anywhere in a text, separators ignored, are refused (CNIL 2013-270: the NIR is not used to
route; a payslip may contain it). Corsica's departments 2A and 2B count as digits.
"""

import re
import unicodedata

from mycvault.errors import InvalidInput

_DIGITS = 15
# Whatever is neither letter nor digit only parts digits; "2A" and "2B" may stand at the department's place.
_SHAPE = re.compile(r"(?=([1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{8}))")


def holds_nir(text: str) -> bool:
    """Tell whether *text* holds a social security number, its key included."""
    if len(text) < _DIGITS and text.isascii():
        return False
    spread = unicodedata.normalize("NFKC", text)
    packed = "".join(char for char in spread if char.isalnum()).upper()
    return any(_key_matches(found[1]) for found in _SHAPE.finditer(packed))


def refuse_nir(text: str, *, field: str) -> str:
    """
    Pass *text* on when it holds no social security number.

    Raises:
        InvalidInput: It holds one.
    """
    if holds_nir(text):
        raise InvalidInput("a social security number is not used here", field=field, reason="nir")
    return text


def _key_matches(number: str) -> bool:
    from stdnum.fr import nir

    return bool(nir.is_valid(number))
