"""Short texts people give: trimmed, without control characters, of a bounded length."""

import unicodedata

from mycvault.errors import InvalidInput


def parse_word(text: str, *, field: str, longest: int) -> str:
    """
    Take a text as given, trimmed and in NFC.

    Raises:
        InvalidInput: Empty, longer than *longest* characters, or with control characters.
    """
    if not isinstance(text, str):
        raise InvalidInput("a text", field=field)
    if len(text) > 4 * longest:
        raise InvalidInput(f"at most {longest} characters", field=field, reason="too-long")
    word = unicodedata.normalize("NFC", text).strip()
    if not word:
        raise InvalidInput("not empty", field=field, reason="empty")
    if len(word) > longest:
        raise InvalidInput(f"at most {longest} characters", field=field, reason="too-long")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in word):
        raise InvalidInput("no control characters", field=field)
    return word
