"""
Whose an address is that an employer has on record: the one who proved it, else the first who was adopted with it.

The employer gets the same answer every time.
"""

import attrs
import pytest

import foreign_kit
import kit
from mycvault import CodeExpired, Policy, SignInRefused

OLD = "old portal password"
MADE = foreign_kit.MAKERS["Odoo"](OLD)


@pytest.fixture
def never(tmp_path, records_url):
    """A vault that asks for no codes."""
    policy = attrs.evolve(Policy.for_tests(), second_factor="never")
    with kit.house_at(tmp_path, records_url, policy=policy) as house:
        yield house


def adopted(house):
    house.enrolled()
    house.acme.adopt("A-0042", password_hash=MADE)


def nobody_signs_in(house, password=OLD):
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, password)


def elsewhere(house):
    return house.vault.add_employer("Other SA", reference="other", urls=kit.URLS)


def enrolled_at(employer, email=kit.EMAIL):
    given = {"given_name": "Noé", "family_name": "Modèle", "email": email, "locale": "en"}
    employer.enrol("B-1", **given)


def test_an_address_that_another_account_proved_stays_its_own(never):
    """The employer gets the same answer; the password it brought opens nothing, and the owner's still does."""
    never.joined(phone=None)
    other = elsewhere(never)
    enrolled_at(other)

    assert other.adopt("B-1", password_hash=MADE) is None

    assert other.employee("B-1").status == "active"
    nobody_signs_in(never)
    assert never.vault.sign_in(kit.EMAIL, kit.PASSWORD).holder.given_name == kit.GIVEN


def test_the_first_of_two_adoptions_keeps_the_address(never):
    """What the second employer brought opens nothing, and it does not learn that it was second."""
    adopted(never)
    other = elsewhere(never)
    enrolled_at(other)

    assert other.adopt("B-1", password_hash=foreign_kit.MAKERS["SSHA"]("theirs")) is None

    nobody_signs_in(never, password="theirs")
    assert never.vault.sign_in(kit.EMAIL, OLD).holder.given_name == kit.GIVEN


def test_who_proves_the_address_takes_it_over(never):
    """Following a link that came to the mailbox counts for more than what an employer said."""
    adopted(never)
    other = elsewhere(never)
    enrolled_at(other)
    token = other.invite("B-1").token.reveal()

    never.vault.joining.complete(
        token, password=kit.PASSWORD, given_name="Noé", family_name="Modèle", email=kit.EMAIL
    )

    nobody_signs_in(never)
    assert never.vault.sign_in(kit.EMAIL, kit.PASSWORD).holder.given_name == "Noé"


def test_who_confirms_the_address_by_its_link_takes_it_over(never):
    """Another e-mail typed at activation and proved later: the adopted identifier gives way then, not before."""
    adopted(never)
    other = elsewhere(never)
    enrolled_at(other, "work@example.org")
    token = other.invite("B-1").token.reveal()
    never.vault.joining.complete(
        token, password=kit.PASSWORD, given_name="Noé", family_name="Modèle", email=kit.EMAIL
    )
    assert never.vault.sign_in(kit.EMAIL, OLD).holder.given_name == kit.GIVEN

    never.vault.confirm_address(never.sent("confirm-address")[0].context["link"].rpartition("/")[2])

    nobody_signs_in(never)
    assert never.vault.sign_in(kit.EMAIL, kit.PASSWORD).holder.given_name == "Noé"


def test_a_code_under_way_opens_nothing_once_the_address_went_to_another(house):
    """The mailbox is another's, proved by its link: a code that went there proves nothing of her."""
    adopted(house)
    other = elsewhere(house)
    enrolled_at(other)
    asked, code = house.asked(password=OLD), house.code()
    token = other.invite("B-1").token.reveal()
    house.vault.joining.complete(
        token, password=kit.PASSWORD, given_name="Noé", family_name="Modèle", email=kit.EMAIL
    )

    with pytest.raises(CodeExpired):
        house.vault.confirm_code(asked.challenge, code)
    nobody_signs_in(house)
