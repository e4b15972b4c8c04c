"""
The decryptor in docs/spec/content.md, which imports nothing of ours, opens what a real vault keeps.
"""

import pathlib
import re

import pytest
from cryptography.exceptions import InvalidTag

from mycvault import LocalKeys, Policy, Vault
from mycvault.contents import service as contents
from mycvault.documents import records, rules
from mycvault.values.actors import OPERATOR
from mycvault.values.verbs import Verb

SPECIFICATION = pathlib.Path(__file__).parents[1] / "docs" / "spec" / "content.md"


@pytest.fixture
def decrypt():
    text = SPECIFICATION.read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert "mycvault." not in block.replace("mycvault/1", "")
    assert len(block.splitlines()) <= 32
    namespace = {}
    exec(block, namespace)
    return namespace["decrypt"]


def document_key(vault, employer_id, document_id):
    """Unwrap a document's key, as somebody who holds the root key would to hand it on."""
    with vault._desk.call(Verb.LIST, by=OPERATOR) as call, call.look() as look:
        (document,) = records.deposited(
            look.rows, employer_id, safe_id=None, period=None, before="g", count=1
        )
        bound = rules.bound(document)
        _, key = contents.unlock(look.rows, document_id, key_of=document.safe_id, bound=bound)
    return key


def test_outside_program_opens_a_document(tmp_path, decrypt):
    """
    The blob of a vault and the key of its document are all that an outside program needs.
    """
    content = b"%PDF-1.7\n" + bytes(range(256)) * 150 + b"\n%%EOF\n"
    with Vault.create(
        tmp_path / "vault", keys=LocalKeys.ephemeral(), policy=Policy.for_tests()
    ) as vault:
        acme = vault.add_employer("Acme", reference="acme")
        acme.enrol("1", given_name="Ana", family_name="Example")
        receipt = acme.deposit("1", content, kind="payslip", period="2026-10")
        key = document_key(vault, acme._record.id, receipt.document_id)
        (blob,) = [path for path in (tmp_path / "vault" / "blobs").rglob("*") if path.is_file()]

        assert content == decrypt(blob.read_bytes(), key, vault.id, receipt.document_id)
        with pytest.raises(ValueError, match="another key"):
            decrypt(blob.read_bytes(), key, vault.id, vault.id)
        with pytest.raises((InvalidTag, ValueError)):
            decrypt(blob.read_bytes()[:-1], key, vault.id, receipt.document_id)
