"""
E-mail addresses and phone numbers: one canonical form for look-up, a masked one for show.

An e-mail address is kept as typed and found by a canonical key: NFC, IDN domain, case folded (identity.md, "e-mail
normalisation"). A phone number is E.164, read as people of the legal profile's country write it.
"""

import unicodedata

from mycvault.errors import InvalidInput

_LONGEST_NUMBER = 40  # characters, however it is written
_LONGEST = 320  # characters: 64 before the @, 255 after (RFC 5321, 4.5.3.1)


def parse_email(text: str, *, field: str = "email") -> str:
    """
    Take an e-mail address in the form it is written to: as typed, with a normalised domain.

    Raises:
        InvalidInput: Not an address; whether its domain exists is not asked.
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        if not isinstance(text, str) or len(text) > _LONGEST:
            raise InvalidInput("not an e-mail address", field=field)
        return validate_email(
            text.strip(), check_deliverability=False, test_environment=True
        ).normalized
    except EmailNotValidError:
        # The validator's message quotes the address: it is not passed on.
        raise InvalidInput("not an e-mail address", field=field) from None


def email_key(address: str) -> str:
    """Give the text an e-mail address is found by; *address* comes from `parse_email`."""
    return "email:" + unicodedata.normalize("NFKC", address).casefold()


def parse_phone(text: str, *, country: str, field: str = "phone") -> str:
    """
    Take a phone number as people of *country* (two letters) write it, as E.164 text.

    Raises:
        InvalidInput: Not a valid number there, and not a valid international one.
    """
    import phonenumbers

    try:
        if not isinstance(text, str) or len(text) > _LONGEST_NUMBER:
            raise InvalidInput("not a phone number", field=field)
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise InvalidInput("not a phone number", field=field) from None
    if not phonenumbers.is_valid_number(number):
        raise InvalidInput("not a phone number", field=field)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def phone_key(number: str) -> str:
    """Give the text a phone number is found by; *number* comes from `parse_phone`."""
    return "phone:" + number


def identifier_key(text: str, *, country: str) -> str:
    """
    Give the key of what somebody typed to sign in: an e-mail address or a phone number.

    What is neither gets a key of its own that nobody has, so that it is counted and refused like an unknown one.

    Raises:
        InvalidInput: No text at all.
    """
    if not isinstance(text, str):
        raise InvalidInput("an e-mail address or a phone number", field="identifier")
    text = text[:_LONGEST].encode(errors="replace").decode()
    try:
        return (
            email_key(parse_email(text))
            if "@" in text
            else phone_key(parse_phone(text, country=country))
        )
    except InvalidInput:
        return "other:" + unicodedata.normalize("NFKC", text).casefold()


def mask_email(address: str) -> str:
    """Show an address to somebody who may not be its owner: m•••@example.org."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"


def mask_phone(number: str) -> str:
    """Show an E.164 number to somebody who may not be its owner: +33 6 •• •• •• 78."""
    import phonenumbers

    parsed = phonenumbers.parse(number)
    shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    prefix, _, national = shown.partition(" ")
    digits = sum(char.isdigit() for char in national)
    masked, seen = "", 0
    for char in national:
        seen += char.isdigit()
        masked += "•" if char.isdigit() and 1 < seen <= digits - 2 else char
    return f"{prefix} {masked}"
