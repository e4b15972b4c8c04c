"""
Somebody writes the bucket and has no key: a document is what was deposited, or it is damaged.

One byte flipped anywhere, a blob cut anywhere, lengthened, emptied, removed, exchanged or replaced by an older one: reading,
opening and checking say `DocumentDamaged`, and what a stream gave before the damage is right.
"""

import pytest

import kit
from mycvault import DocumentDamaged, LocalKeys, Policy, Vault
from mycvault.crypto.content import CHUNK, HEADER, TAG, sealed_size
from mycvault.storage.blobs.memory import MemoryBlobs

SMALL = kit.pdf(300)
# Above the size that is fetched whole, and with a last chunk of its own.
LARGE = kit.pdf(18 * CHUNK + 700)
WHOLE = kit.pdf(2 * CHUNK)  # its last chunk is empty
BORDERS = [HEADER + n * (CHUNK + TAG) for n in range(19)]


class Bucket:
    """A vault in memory with one joined employee, and its blobs laid open."""

    def __init__(self) -> None:
        self.blobs = MemoryBlobs()
        self.vault = Vault.create(
            self.blobs,
            keys=LocalKeys.ephemeral(),
            records="sqlite://",
            policy=Policy.for_tests(),
            clock=kit.SettableClock(),
        )
        self.acme = self.vault.add_employer("Acme SAS", reference="acme")
        self.acme.enrol("A-1", given_name="Zélie", family_name="Exemple", email="z@example.org")
        self.safe = self.vault.joining.complete(
            self.acme.invite("A-1").token.reveal(),
            password=kit.PASSWORD,
            given_name="Zélie",
            family_name="Exemple",
            email="z@example.org",
        ).safe
        self.small, self.large, self.whole = map(self.put, (SMALL, LARGE, WHOLE))

    def put(self, content: bytes) -> tuple[str, str]:
        """Deposit a content; give the ids of the document and its blob."""
        before = set(self.blobs.scan())
        receipt = self.acme.deposit("A-1", content, kind="other")
        (blob,) = set(self.blobs.scan()) - before
        return receipt.document_id, blob

    def sealed(self, of: tuple[str, str]) -> bytes:
        return self.blobs.get(of[1])

    def refused(
        self, of: tuple[str, str], sealed: bytes | None, *, thoroughly: bool = True
    ) -> None:
        """See that every way of reading refuses *sealed* in the blob's place, and put the blob back."""
        document, blob = of
        before = self.blobs.get(blob)
        self.blobs.delete(blob)
        if sealed is not None:
            self.blobs.put(blob, sealed)
        try:
            with pytest.raises(DocumentDamaged):
                self.safe.read(document)
            if thoroughly:
                with pytest.raises(DocumentDamaged):
                    self.safe.check(document)
                with pytest.raises(DocumentDamaged):
                    self.streamed(document)
        finally:
            self.blobs.put(blob, before)

    def streamed(self, document: str) -> None:
        """Read a document piece by piece; whatever comes before an error must be right."""
        content = {self.small[0]: SMALL, self.large[0]: LARGE, self.whole[0]: WHOLE}[document]
        given = b""
        with self.safe.open(document) as stream:
            while piece := stream.read(5000):
                given += piece
                assert content.startswith(given), "WRONG BYTES"


@pytest.fixture(scope="module")
def bucket():
    bucket = Bucket()
    yield bucket
    bucket.vault.close()


def test_untouched_blobs_are_what_was_deposited(bucket):
    """Without an attack every way of reading gives the content; the sizes at rest are those of the format."""
    for of, content in ((bucket.small, SMALL), (bucket.large, LARGE), (bucket.whole, WHOLE)):
        assert bucket.safe.read(of[0]) == content
        assert bucket.safe.check(of[0]).size == len(content)
        bucket.streamed(of[0])
        assert len(bucket.sealed(of)) == sealed_size(len(content))


def test_any_flipped_byte_is_damage(bucket):
    """One bit of any byte of a small blob is enough."""
    sealed = bucket.sealed(bucket.small)

    for place in range(len(sealed)):
        flipped = sealed[:place] + bytes([sealed[place] ^ 1 << place % 8]) + sealed[place + 1 :]
        bucket.refused(bucket.small, flipped, thoroughly=place % 40 == 0)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("off", [-1, 0, 1000])
def test_a_flipped_byte_around_every_border_is_damage(bucket, border, off):
    """A flipped bit in any chunk of a large blob is damage, met where it stands and not before."""
    sealed = bytearray(bucket.sealed(bucket.large))
    place = min(border + off, len(sealed) - 1)

    sealed[place] ^= 0x80

    bucket.refused(bucket.large, bytes(sealed))


@pytest.mark.parametrize("which", ["large", "whole"])
def test_a_cut_blob_is_damage(bucket, which):
    """A blob cut at any chunk's border, inside one, or by one byte is damage."""
    of = getattr(bucket, which)
    sealed = bucket.sealed(of)
    cuts = {0, 1, HEADER - 1, len(sealed) - 1, len(sealed) - TAG, len(sealed) - TAG - 1}
    cuts |= {border + off for border in BORDERS for off in (-1, 0, 100)}

    for cut in sorted(cut for cut in cuts if cut < len(sealed)):
        bucket.refused(of, sealed[:cut], thoroughly=cut % 3 == 0)


@pytest.mark.parametrize("which", ["small", "large", "whole"])
def test_a_missing_emptied_or_lengthened_blob_is_damage(bucket, which):
    """Nothing, no bytes, one byte more, a chunk more, another whole blob more: damage."""
    of = getattr(bucket, which)
    sealed = bucket.sealed(of)

    bucket.refused(of, None)
    bucket.refused(of, b"")
    bucket.refused(of, sealed + b"\0")
    bucket.refused(of, sealed + sealed[-CHUNK - TAG :])
    bucket.refused(of, sealed + bucket.sealed(bucket.small))
    bucket.refused(of, b"\0" + sealed)
    bucket.refused(of, bucket.sealed(bucket.small) + sealed)


@pytest.mark.parametrize("which", ["large", "whole"])
def test_chunks_that_moved_are_damage(bucket, which):
    """Two chunks exchanged, one left out, one doubled, the header of another blob: damage."""
    of = getattr(bucket, which)
    sealed = bucket.sealed(of)
    header, first, second = (
        sealed[:HEADER],
        sealed[BORDERS[0] : BORDERS[1]],
        sealed[BORDERS[1] : BORDERS[2]],
    )
    rest = sealed[BORDERS[2] :]

    bucket.refused(of, header + second + first + rest)
    bucket.refused(of, header + first + rest)
    bucket.refused(of, header + first + first + rest)
    bucket.refused(of, bucket.sealed(bucket.small)[:HEADER] + first + second + rest)


def test_blobs_that_changed_places_are_damage(bucket):
    """Another document's blob is damage, even of the same size, the same content and the same safe."""
    twin = bucket.put(kit.pdf(300, mark="Twin"))
    same = bucket.acme.deposit("A-1", SMALL, kind="other", reference="the same again")
    (of_same,) = [
        key
        for key in bucket.blobs.scan()
        if key not in {bucket.small[1], bucket.large[1], bucket.whole[1], twin[1]}
    ]

    bucket.refused(bucket.small, bucket.sealed(twin))
    bucket.refused(bucket.small, bucket.sealed(bucket.large))
    bucket.refused(bucket.small, bucket.blobs.get(of_same))
    assert bucket.safe.read(same.document_id) == SMALL


def test_an_older_blob_of_the_same_document_is_damage(bucket):
    """A blob taken from a vault where the same document lay before is damage here: every document has its own key."""
    other = Bucket()

    bucket.refused(bucket.small, other.sealed(other.small))
    other.vault.close()


def test_damage_is_written_down_where_she_sees_it(bucket):
    """What a damaged document answered stands in her history."""
    bucket.refused(bucket.small, b"")

    told = [event.details.get("refused") for event in bucket.safe.history()]

    assert "document-damaged" in told
