"""Short texts people give: trimmed, without control characters, of a bounded length."""

import unicodedata

from mycvault.errors import InvalidInput


def parse_text(text: str, *, field: str, longest: int) -> str:
    """
    Take a text as given, whatever it says.

    Raises:
        InvalidInput: No text, longer than *longest* characters, or not storable (NUL, a lone surrogate).
    """
    if not isinstance(text, str):
        raise InvalidInput("a text", field=field)
    if len(text) > longest:
        raise InvalidInput(f"at most {longest} characters", field=field, reason="too-long")
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text):
        raise InvalidInput("a text that can be stored", field=field)
    return text


def parse_word(text: str, *, field: str, longest: int) -> str:
    """
    Take a text as given, trimmed and in NFC.

    Raises:
        InvalidInput: Empty, longer than *longest* characters, or with control characters.
    """
    word = unicodedata.normalize("NFC", parse_text(text, field=field, longest=4 * longest)).strip()
    if not word:
        raise InvalidInput("not empty", field=field, reason="empty")
    if len(word) > longest:
        raise InvalidInput(f"at most {longest} characters", field=field, reason="too-long")
    if any(unicodedata.category(char) == "Cc" for char in word):
        raise InvalidInput("no control characters", field=field)
    return word
