"""
What the library asks of the world: a clock, randomness, a key provider, blobs, a courier.

Each port is as small as its use. What is behind one is chosen by the host; our own stand in `system.py`, `keys/local.py`,
`storage/blobs/` and `couriers.py`.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO, Protocol, runtime_checkable

import attrs

from mycvault.values.choices import Channel


class Clock(Protocol):
    """The time of day."""

    def now(self) -> dt.datetime:
        """Give the present moment as an aware datetime in UTC."""
        ...


class Entropy(Protocol):
    """Randomness fit for keys."""

    def bytes(self, size: int) -> bytes:
        """Give *size* random bytes from the operating system."""
        ...


@runtime_checkable
class KeyProvider(Protocol):
    """The root keys: a keyring file, or a KMS. Wrapping must be authenticated."""

    def current(self) -> str:
        """Name the key that wraps now."""
        ...

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """Wrap *key* (32 bytes) under the current key; the result names the key that wrapped it."""
        ...

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """
        Give back what `wrap` was given, for the same *context*.

        Raises:
            WrongKeys: The key is not here, or the bytes were not wrapped by it for this context.
            KeysUnavailable: The provider does not answer.
        """
        ...

    def key_id(self, wrapped: bytes) -> str:
        """Name the key that wrapped *wrapped*."""
        ...


@runtime_checkable
class KeepsNotes(Protocol):
    """What a key provider may do besides: write down which of its keys a vault still needs, so that it retires none of them."""

    def noted(self, vault_id: str) -> str | None:
        """Name the oldest key that a vault is known to need; None when nothing is known of it."""
        ...

    def note(self, vault_id: str, root_ids: Collection[str]) -> bool:
        """Write down that a vault needs these keys and every later one, no earlier one; tell whether it could be written."""
        ...


@runtime_checkable
class Blobs(Protocol):
    """
    A store of immutable objects under random keys of 32 hexadecimal digits.

    Nothing more is asked: no rename, no append, no exclusive create, no modification times. Every foreign error becomes
    `BlobMissing` or `BlobsUnavailable`; an error the file itself raises while it is read passes through untouched.
    """

    def put(self, key: str, data: bytes | memoryview | BinaryIO) -> None:
        """
        Store *data*, a file read to its end in pieces, whole and durable when this returns.

        After an error the key may hold rubbish that nobody refers to. Above 8 MiB the vault always passes a file. A memoryview is
        lent, to be read until this returns or raises: what lies in it is overwritten afterwards, so what is kept is copied.

        Raises:
            BlobsUnavailable: The store does not answer, or is full.
        """
        ...

    def get(self, key: str, *, start: int = 0, end: int | None = None) -> bytes:
        """
        Give the bytes from *start* up to *end*, fewer when the blob ends before.

        Raises:
            BlobMissing: There is nothing under *key*.
            BlobsUnavailable: The store does not answer.
        """
        ...

    def size(self, key: str) -> int:
        """
        Give the size in bytes, uncached.

        Raises:
            BlobMissing: There is nothing under *key*.
            BlobsUnavailable: The store does not answer.
        """
        ...

    def delete(self, key: str) -> None:
        """
        Delete what is under *key*; nothing there is success.

        Raises:
            BlobsUnavailable: The store does not answer.
        """
        ...

    def scan(self) -> Iterator[str]:
        """List every key; the list may be stale."""
        ...


@attrs.frozen(kw_only=True)
class Letter:
    """
    One letter to one person, rendered; `repr` hides what it says and to whom.

    *context* holds what the template was given ("link", "code", …: docs/reference/letters.md), for a courier that renders
    by itself.
    """

    id: str
    channel: Channel
    to: str = attrs.field(repr=False)
    template: str
    locale: str
    subject: str = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    html: str | None = attrs.field(repr=False)
    employer: str | None
    context: Mapping[str, str] = attrs.field(repr=False)


@runtime_checkable
class Courier(Protocol):
    """What carries letters: a mail server, an SMS gateway."""

    def send(self, letter: Letter) -> None:
        """
        Hand *letter* on.

        Raises:
            CourierUnavailable: Not now; the letter is tried again later.
            LetterRefused: Never; the letter is given up.
        """
        ...
