"""
What a hold keeps outlives the account, and opens to no session.
"""

import pytest

import kit
from mycvault import (
    AlreadyActivated,
    DocumentMissing,
    LegalHold,
)

# ------------------------------------------------------------------ held back


def test_what_a_hold_keeps_outlives_the_account(house):
    """She erases everything else; the held ones stay for the employer's list, open to no session, and go with the hold."""
    session = house.joined()
    held = kit.slip(house, period="2026-10")
    session.safe.label(held.document_id, "private")
    house.vault.upkeep.hold("acme", "A-0042", reason="a dispute")
    note = session.safe.add(b"A note.", title="Note")
    with pytest.raises(LegalHold):
        session.safe.destroy(held.document_id)
    assert house.last_event() == ("destroy", "legal-hold")
    session.safe.destroy(note.id)
    done = session.security.erase_account()

    assert done.documents == 0
    assert "Still kept" in done.certificate
    assert "except 1 document that" in house.sent("account-erased")[0].text
    again = kit.slip(house, period="2026-10")
    assert (again.replayed, again.document_id) == (True, held.document_id)
    (receipt,) = house.acme.deposits()
    assert (receipt.document_id, receipt.sha256) == (held.document_id, held.sha256)
    (row,) = house.rows("SELECT key_of FROM mycvault_contents")
    hold = house.rows("SELECT key_id FROM mycvault_holds")[0]
    assert row.key_of == hold.key_id
    assert house.rows("SELECT count(*) FROM mycvault_labels")[0][0] == 0
    fresh = house.activated()
    assert fresh.safe.documents().items == []
    with pytest.raises(DocumentMissing):
        fresh.safe.read(held.document_id)

    house.vault.upkeep.release("acme", "A-0042", reason="it is over")
    assert list(house.acme.deposits()) == [held]
    assert kit.slip(house, period="2026-10").replayed
    assert fresh.safe.documents().items == []
    assert house.rows("SELECT count(*) FROM mycvault_contents")[0][0] == 0


def test_a_held_document_still_opens_under_the_holds_key(lite):
    """Re-wrapped, not lost: the key of the hold, and nothing of hers, opens the very bytes."""
    from mycvault.contents import reading
    from mycvault.contents import service as contents
    from mycvault.crypto.content import content_context
    from mycvault.documents import removal, rules
    from mycvault.values.actors import OPERATOR
    from mycvault.values.verbs import Verb

    session = lite.joined()
    held = kit.slip(lite, period="2026-10")
    lite.vault.upkeep.hold("acme", "A-0042", reason="a dispute")
    session.security.erase_account()

    desk = lite.vault._desk
    with desk.call(Verb.LIST_DEPOSITS, by=OPERATOR) as call:
        with call.look() as look:
            (safe,) = lite.rows("SELECT safe_id, sealed_by FROM mycvault_documents")
            (document,) = removal.of_safe(look, safe.safe_id)
            place, key = contents.unlock(
                look.rows, document.id, key_of=safe.sealed_by, bound=rules.bound(document)
            )
        context = content_context(desk.keys.vault_id, document.id)
        assert reading.read_sealed(desk.blobs, place, key=key, context=context) == kit.pdf()
    assert (document.id, document.sha256) == (held.document_id, held.sha256)


def test_an_old_link_does_not_open_the_new_safe(lite):
    """The invitation is used up and a new one is needed; refusing electronic payslips needs no account, before or after."""
    lite.enrolled()
    used = lite.invited_token()
    session = lite.activated(token=used)
    refusal = lite.acme.delivery.refusal_link("A-0042").token.reveal()
    session.security.erase_account()

    with pytest.raises(AlreadyActivated):
        lite.vault.joining.look_up(used)
    assert lite.vault.joining.refuse_electronic(refusal, family_name=kit.FAMILY)
    assert lite.acme.delivery.mode("A-0042") == "paper"
    assert lite.activated().safe.count() == 0
