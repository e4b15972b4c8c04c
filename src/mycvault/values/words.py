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
    if (not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)) or "\0" in text:
        raise InvalidInput("a text that can be stored", field=field)
    return text


def parse_word(text: str, *, field: str, longest: int) -> str:
    """
    Take a text as given, trimmed and in NFC.

    Raises:
        InvalidInput: Empty, longer than *longest* characters, or with control characters.
    """
    word = parse_text(text, field=field, longest=4 * longest)
    if word.isascii() and word.isprintable():
        # Nothing to normalise, and no control characters: nearly every word there is.
        return _check_length(word.strip(), field, longest)
    word = _check_length(unicodedata.normalize("NFC", word).strip(), field, longest)
    if any(unicodedata.category(char) == "Cc" for char in word):
        raise InvalidInput("no control characters", field=field)
    return word


def _check_length(word: str, field: str, longest: int) -> str:
    if not word:
        raise InvalidInput("not empty", field=field, reason="empty")
    if len(word) > longest:
        raise InvalidInput(f"at most {longest} characters", field=field, reason="too-long")
    return word
