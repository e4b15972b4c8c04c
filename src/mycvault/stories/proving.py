"""The operator takes out the file that proves a declaration: for a dispute, and never unseen by her."""

from typing import BinaryIO

from mycvault.contents import reading
from mycvault.contents import service as contents
from mycvault.crypto.content import content_context
from mycvault.delivery import service as delivery
from mycvault.desk import Call
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.errors import DocumentMissing
from mycvault.retention import rules


def open_evidence(
    call: Call, employer: str, matricule: str, sha256: str, *, reason: str
) -> BinaryIO:
    """
    Open the evidence with this digest; the event stands in her history before the first byte.

    Raises:
        EmployerMissing, EmployeeMissing: No such employer or matricule.
        DocumentMissing: No declaration of hers was proved by such a file.
        DocumentDamaged: It is not what was recorded.
        InvalidInput: *reason* is none.
    """
    why = rules.parse_reason(reason)
    reference = directory_rules.parse_reference(employer, field="employer")
    with call.look() as look:
        found = directory.find_employer(look, reference)
    call.keys.bring(found.id)
    with call.look() as look:
        record = directory.find(look, found.id, directory_rules.parse_matricule(matricule))
        declared = delivery.declarations(look, record.id, expected=record.declarations)
        proofs = {one.evidence.sha256: one.evidence for one in declared if one.evidence is not None}
        if sha256 not in proofs:
            raise DocumentMissing(field="sha256")
        content_id = proofs[sha256].content_id
        bound = ["evidence", found.id]
        place, key = contents.unlock(look.rows, content_id, key_of=record.id, bound=bound)
    context = content_context(call.keys.vault_id, content_id)
    stream = reading.open_sealed(call.blobs, place, key=key, context=context)
    with call.act() as act:
        act.record(record.safe_id, about=record.id, evidence_sha256=sha256, reason=why)
    return stream
