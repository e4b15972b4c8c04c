"""
Somebody the host signs in already: her account, what she signs in with, and what nobody learns.
"""

import datetime as dt

import attrs
import pytest

import foreign_kit
import kit
from mycvault import (
    AddressMissing,
    AlreadyActivated,
    Assurance,
    Channel,
    Deposit,
    EmployeeMissing,
    InvalidInput,
    LinkInvalid,
    Policy,
    SecondFactor,
    Session,
    SignInRefused,
    TermsRequired,
)
from mycvault.crypto.passwords import Hasher

OLD = "old portal password"
MADE = foreign_kit.MAKERS["Odoo"](OLD)
OTHER = foreign_kit.MAKERS["SSHA"](OLD)


def policy(**changed):
    return attrs.evolve(Policy.for_tests(), **changed)


@pytest.fixture
def never(tmp_path, records_url):
    """A vault that asks for no codes."""
    with kit.house_at(tmp_path, records_url, policy=policy(second_factor="never")) as house:
        yield house


def adopted(house, matricule="A-0042", *, made=MADE, **other):
    house.enrolled(matricule, **other)
    house.acme.adopt(matricule, password_hash=made)


def stored(house):
    """Tell what stands in place of her password now."""
    return [
        bytes(row.hash) for row in house.rows("SELECT hash FROM mycvault_passwords ORDER BY id")
    ]


def nobody_signs_in(house, email=kit.EMAIL, password=OLD):
    with pytest.raises(SignInRefused):
        house.vault.sign_in(email, password)


# ------------------------------------------------------------------ the way in


def test_she_signs_in_with_what_she_knows(house):
    """Her old password and a code to the mailbox on record, which proves it; her documents are there, and her name."""
    house.enrolled()
    kit.slip(house, "before")
    house.acme.adopt("A-0042", password_hash=MADE)
    kit.slip(house, "after")
    asked = house.asked(password=OLD)

    session = house.vault.confirm_code(asked.challenge, house.code())

    assert (asked.channel, asked.alternatives) == (Channel.EMAIL, frozenset())
    assert house.sent("sign-in-code")[-1].to == kit.EMAIL
    assert session.assurance is Assurance.TWO_STEP
    assert session.safe.count() == 2
    assert all(session.safe.read(one.id) for one in session.safe.documents())
    assert session.holder.given_name == kit.GIVEN
    assert session.holder.emails == (kit.EMAIL,)
    assert session.holder.phone is None


def test_no_mailbox_is_proved_before_a_code_came_back(house):
    """What the employer says of her address proves nothing; neither does a wrong code."""
    adopted(house)
    asked = house.asked(password=OLD)
    code = house.code()
    with pytest.raises(Exception, match="code"):
        house.vault.confirm_code(asked.challenge, f"{(int(code) + 1) % 1_000_000:06d}")

    assert house.rows("SELECT proved_at FROM mycvault_addresses") == [(None,)]
    house.vault.confirm_code(asked.challenge, code)
    assert [row.proved_at for row in house.rows("SELECT proved_at FROM mycvault_addresses")] != [
        None
    ]


def test_without_codes_her_password_is_enough(never):
    """With SecondFactor.NEVER the session opens at once, the address still unproved and hers to sign in with."""
    adopted(never)

    session = never.vault.sign_in(kit.EMAIL, OLD)

    assert isinstance(session, Session)
    assert session.assurance is Assurance.PASSWORD
    assert session.holder.emails == ()
    assert never.vault.sign_in(kit.EMAIL.upper(), OLD)


def test_the_phone_on_record_is_no_identifier(never):
    """HR's note of a number is not hers to sign in with, and no code goes there."""
    adopted(never)

    nobody_signs_in(never, kit.PHONE)


def test_terms_are_pending_at_her_first_sign_in(house):
    """She accepted nothing yet: her safe opens once she did."""
    house.vault.publish_terms("1", kit.TERMS, locale="en")
    adopted(house)
    session = house.signed_in(password=OLD)
    with pytest.raises(TermsRequired):
        session.safe.count()

    session.accept_terms("1")

    assert session.safe.count() == 0


def test_she_reads_in_her_history_who_opened_it(house):
    """The adoption is her safe's business, done by the employer; no hash stands in it."""
    adopted(house)
    events = list(house.signed_in(password=OLD).safe.history(locale="en"))

    (event,) = [one for one in events if one.verb == "adopt"]
    assert event.text == "Account opened with the password of another system"
    assert "pbkdf2" not in str(events)


# ------------------------------------------------------------------ whom, and with what


def test_only_who_never_joined_is_adopted(house):
    """Once she activated, or was adopted before, another hash changes nothing."""
    house.joined()
    with pytest.raises(AlreadyActivated):
        house.acme.adopt("A-0042", password_hash=MADE)
    assert house.last_event() == ("adopt", "already-activated")
    adopted(house, "A-2", email="two@example.org")
    before = stored(house)
    with pytest.raises(AlreadyActivated):
        house.acme.adopt("A-2", password_hash=OTHER)

    assert stored(house) == before
    assert house.signed_in()


@pytest.mark.parametrize(
    ("matricule", "made", "error", "field"),
    [
        ("A-9", MADE, EmployeeMissing, "matricule"),
        ("A-0042", "swordfish", InvalidInput, "password_hash"),
        ("A-0042", MADE, AddressMissing, "email"),
        ("", MADE, InvalidInput, "matricule"),
    ],
)
def test_what_cannot_be_adopted_leaves_nothing(house, matricule, made, error, field):
    """No account, no key, and she is invited as before; nothing quotes the hash."""
    house.enrolled(email=None)
    with pytest.raises(error) as refused:
        house.acme.adopt(matricule, password_hash=made)

    assert refused.value.field == field
    assert "swordfish" not in str(refused.value)
    assert house.rows("SELECT count(*) FROM mycvault_accounts")[0][0] == 0
    assert house.acme.employee("A-0042").status == "enrolled"


def test_a_live_invitation_dies(house):
    """The link she was sent opens nothing any more, and its letter does not leave; nobody invites her again."""
    house.enrolled()
    token = house.acme.invite("A-0042").token.reveal()
    house.acme.adopt("A-0042", password_hash=MADE)

    with pytest.raises(LinkInvalid):
        house.vault.joining.look_up(token)
    assert house.sent("invitation") == []
    with pytest.raises(AlreadyActivated):
        house.acme.invite("A-0042")
    assert house.acme.invite_pending() == 0


def test_the_employer_counts_her_as_joined(house):
    """Status, statistics and the monthly file: she is there, and a corrected address on record is not hers."""
    adopted(house)
    house.acme.amend("A-0042", email="corrected@example.org")

    assert house.acme.employee("A-0042").status == "active"
    assert house.acme.statistics().active == 1
    nobody_signs_in(house, "corrected@example.org")
    assert house.signed_in(password=OLD).holder.emails == (kit.EMAIL,)


def test_letters_reach_her_before_she_proved_a_mailbox(house):
    """A new document, alone or in a payroll, and the end of the service are told to the adopted address."""
    adopted(house, phone=None)
    kit.slip(house)
    house.acme.deposit_many([Deposit("A-0042", kit.pdf(mark="run"), kind="payslip")])
    house.vault.upkeep.announce_closure("acme", on=dt.date(2027, 3, 1))

    assert [letter.to for letter in house.sent("new-document")] == [kit.EMAIL] * 2
    assert [letter.to for letter in house.sent("closing")] == [kit.EMAIL]


def test_she_erases_her_account_and_may_be_adopted_again(house):
    """Her address is free, her old password gone; the employment starts again with an empty safe."""
    adopted(house)
    kit.slip(house)
    house.signed_in(password=OLD).security.erase_account()
    assert stored(house) == []
    nobody_signs_in(house)
    house.acme.adopt("A-0042", password_hash=OTHER)

    assert house.signed_in(password=OLD).safe.count() == 0


# ------------------------------------------------------------------ the hash


def test_the_old_hash_is_replaced_in_the_act_of_her_first_sign_in(house):
    """Ours stands there before she answers her code; the next sign-in changes nothing."""
    adopted(house)
    (old,) = stored(house)
    house.asked(password=OLD)
    (ours,) = stored(house)
    house.signed_in(password=OLD)

    assert old != ours
    assert stored(house) == [ours]


def test_a_wrong_password_changes_no_hash(house):
    """Only who knows it has it made anew."""
    adopted(house)
    before = stored(house)
    nobody_signs_in(house, password="not it")

    assert stored(house) == before


def test_a_stronger_hash_is_kept(never):
    """An adopted argon2id above the policy stays as it is."""
    dear = attrs.evolve(Policy.for_tests().passwords, memory_kib=512, passes=3)
    adopted(never, made=Hasher(dear).hash(OLD))
    before = stored(never)
    never.vault.sign_in(kit.EMAIL, OLD)

    assert stored(never) == before


def test_our_own_weaker_hash_rises_with_the_policy(tmp_path):
    """After the policy was raised, the next sign-in makes her hash anew; after it was lowered, none is."""
    keys = kit.LocalKeys.ephemeral()
    with kit.house_at(tmp_path, policy=policy(second_factor="never"), keys=keys) as house:
        house.joined(phone=None)
        first = stored(house)
        for costs, changed in (({"passes": 2}, True), ({"passes": 1}, False)):
            raised = attrs.evolve(house.vault.policy.passwords, **costs)
            asked = policy(second_factor=SecondFactor.NEVER, passwords=raised)
            with kit.Vault.open(house.folder, keys=keys, policy=asked, clock=house.clock) as vault:
                assert vault.sign_in(kit.EMAIL, kit.PASSWORD)
            assert (stored(house) != first) == changed
            first = stored(house)
