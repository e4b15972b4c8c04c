"""
The sealed form of a document's bytes: Cobblestone-256, the only suite so far.

Layout `salt[24] ‖ commitment[32] ‖ chunk 0 ‖ chunk 1 …`: chunks of 16,384 bytes under AES-256-GCM,
the last one always shorter and perhaps empty, so that a cut shows. The whole is sealed and opened
by `cryptography.cobblestone`; ranges, which it cannot open, are opened here chunk by chunk. Rule:
what is not exactly what was sealed for this vault and document is `DocumentDamaged`, never bytes.
Source: C2SP chunked-encryption. Format: docs/spec/content.md.
"""

import hmac

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from mycvault.errors import DocumentDamaged

SUITE = 1  # Cobblestone-256
CHUNK = 16_384  # bytes of plaintext in every chunk but the last
TAG = 16  # bytes that a chunk grows by
HEADER = 56  # bytes: salt and commitment
_SALT = 24
_ID = 16
KEY_SIZE = 32  # bytes
_NONCE = 12
_LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"
_CONTEXT = b"mycvault/1/content"


def sealed_size(size: int) -> int:
    """Compute the sealed size of *size* bytes of content."""
    return HEADER + size + TAG * (size // CHUNK + 1)


def content_context(vault_id: str, document_id: str) -> bytes:
    """Write what binds a content to its vault and document: 50 bytes, of fixed width."""
    return _CONTEXT + _raw(vault_id) + _raw(document_id)


def seal(data: bytes, *, key: bytes, context: bytes) -> bytes:
    """Seal *data*, whole, under *key* (32 bytes, one document's own)."""
    cipher = Cobblestone256Encryptor(key, context)
    return cipher.update(data) + cipher.finalize()


def unseal(sealed: bytes, *, key: bytes, context: bytes) -> bytes:
    """
    Open what `seal` or a `Sealer` made, whole.

    Raises:
        DocumentDamaged: Other bytes, cut or lengthened, another key or another context.
    """
    cipher = Cobblestone256Decryptor(key, context)
    try:
        return cipher.update(sealed) + cipher.finalize()
    except InvalidTag as exc:
        raise DocumentDamaged from exc


class Sealer:
    """Seals one content piece by piece; the key is 32 bytes, one document's own."""

    def __init__(self, key: bytes, context: bytes) -> None:
        self._cipher = Cobblestone256Encryptor(key, context)

    def update(self, data: bytes) -> bytes:
        """Take the next piece and give what is ready: the header first, then whole chunks."""
        return self._cipher.update(data)

    def update_into(self, data: bytes, buffer: bytearray | memoryview) -> int:
        """Do as `update`, into `room(len(data))` bytes at least; give how many were written."""
        return self._cipher.update_into(data, buffer)

    def finalize(self) -> bytes:
        """Give the rest, with the last chunk."""
        return self._cipher.finalize()


def room(size: int) -> int:
    """Compute how many bytes `Sealer.update_into` may write for a piece of *size* bytes."""
    return HEADER + (size // CHUNK + 1) * (CHUNK + TAG)


class Opener:
    """
    Opens any range of one sealed content, whole chunks at a time; safe in several threads.

    It cannot know where the content ends: its caller names the last chunk, and opens that one
    before it trusts the rest.
    """

    def __init__(self, key: bytes, context: bytes, header: bytes) -> None:
        """
        Derive the chunk key, the base nonce and the commitment from *key* and the salt in *header*.

        Raises:
            DocumentDamaged: The header is not 56 bytes, or commits to another key or context.
        """
        if len(header) != HEADER:
            raise DocumentDamaged
        info = _LABEL + header[:_SALT] + context
        derived = HKDFExpand(SHA512(), KEY_SIZE + _NONCE + HEADER - _SALT, info).derive(key)
        if not hmac.compare_digest(derived[KEY_SIZE + _NONCE :], header[_SALT:]):
            raise DocumentDamaged
        self._cipher = AESGCM(derived[:KEY_SIZE])
        self._nonce = int.from_bytes(derived[KEY_SIZE : KEY_SIZE + _NONCE])

    def open_chunks(self, first: int, sealed: bytes, *, last: int) -> bytes:
        """
        Open consecutive chunks.

        Args:
            first: Number of the first chunk in *sealed*, from 0.

            sealed: One or more whole chunks with their tags.

            last: Number of the content's last chunk, the only one that is shorter than 16,384.

        Raises:
            DocumentDamaged: A chunk is not the one that was sealed there.
        """
        view, plain = memoryview(sealed), []
        for number, start in enumerate(range(0, max(len(view), 1), CHUNK + TAG), first):
            chunk = view[start : start + CHUNK + TAG]
            whole = len(chunk) == CHUNK + TAG
            if number > last or whole is (number == last):
                raise DocumentDamaged
            plain.append(self._open(number, chunk))
        return b"".join(plain)

    def _open(self, number: int, chunk: memoryview) -> bytes:
        nonce = (self._nonce ^ number).to_bytes(_NONCE)
        try:
            return self._cipher.decrypt(nonce, chunk, None)
        except (InvalidTag, ValueError) as exc:
            raise DocumentDamaged from exc


def _raw(text: str) -> bytes:
    raw = bytes.fromhex(text.replace("-", ""))
    if len(raw) != _ID:
        raise ValueError("an id is 32 hexadecimal digits")
    return raw
