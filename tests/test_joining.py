"""A second employer's documents join the safe she has, and it learns nothing of the first."""

import pytest

import kit
from mycvault import (
    AlreadyActivated,
    CodeRefused,
    EmployeeStatus,
    FreshConfirmationRequired,
    IdentityMismatch,
    Need,
    Policy,
    SecondFactor,
    SessionEnded,
)
from racing import at_once

TAX = {"kind": "tax", "title": "Taxes"}


def second(house, *, phone=None, matricule="B-7", **other):
    """Let another employer enrol her; give it and its link."""
    beta = house.vault.add_employer("Beta SA", reference="beta")
    hers = {"given_name": kit.GIVEN, "family_name": kit.FAMILY, "email": kit.EMAIL, "phone": phone}
    beta.enrol(matricule, **{**hers, **other})
    invitation = beta.invite(matricule, activation_code=other.pop("activation_code", False))
    return beta, invitation.token.reveal()


def join(house, token, session, **typed):
    return house.vault.joining.join_existing(token, session, **{"family_name": kit.FAMILY, **typed})


def test_two_employers_one_safe(house):
    """Documents of both stand in one list, also in a session that was open elsewhere; every address is told."""
    session = house.joined()
    kit.slip(house)
    beta, token = second(house)
    beta.deposit("B-7", kit.pdf(mark="beta"), kind="payslip")

    joined = join(house, token, session)

    assert [one.employer for one in joined.employments] == ["acme", "beta"]
    assert len(session.safe.payslips()) == len(joined.safe.payslips()) == 2
    assert beta.employee("B-7").status is EmployeeStatus.ACTIVE
    alerts = {letter.to for letter in house.sent("security-alert")}
    assert alerts == {kit.EMAIL, kit.PHONE_E164}
    beta.deposit("B-7", kit.pdf(mark="later"), kind="payslip")
    later = joined.safe.payslips().items[0]
    assert joined.safe.read(later.id) == kit.pdf(mark="later")
    assert joined.token == session.token


def test_its_employer_sees_an_activation_like_any_other(house):
    """What it sees of somebody who had a safe is what it sees of somebody who had none."""
    session = house.joined()
    beta, token = second(house)
    beta.enrol("B-8", given_name="Noé", family_name="Modèle", email="noe@example.org")
    join(house, token, session)
    new = beta.invite("B-8").token.reveal()
    typed = {"given_name": "Noé", "family_name": "Modèle", "email": "noe@example.org"}
    house.vault.joining.complete(new, password=kit.PASSWORD, **typed)

    old, fresh = beta.employee("B-7"), beta.employee("B-8")

    assert (old.status, old.left_on) == (fresh.status, fresh.left_on)
    assert beta.statistics().active == 2
    assert [letter.employer for letter in house.sent("security-alert")] == [None, None]


def test_all_that_an_activation_asks_is_asked(house):
    """The code goes to the number on the second employer's record; a name that is not on it is refused and counted."""
    session = house.joined()
    _, token = second(house, phone="06 98 76 54 32")
    assert Need.CODE in house.vault.joining.look_up(token).needs

    with pytest.raises(CodeRefused):
        join(house, token, session)
    with pytest.raises(IdentityMismatch):
        join(house, token, session, family_name="Autre")
    house.vault.joining.send_code(token)
    sent = house.sent("activation-code")[-1]
    assert sent.to == "+33698765432"
    joined = join(house, token, session, code=sent.context["code"])

    assert len(joined.employments) == 2
    assert joined.holder.phone == kit.PHONE_E164


def test_it_needs_two_steps_and_a_fresh_confirmation(house):
    """A session that is stale, ended or another vault's joins nothing, and the link stays good."""
    session = house.joined()
    _, token = second(house)
    house.clock.advance(6 * kit.MINUTE)

    with pytest.raises(FreshConfirmationRequired):
        join(house, token, session)
    again = house.signed_in()
    session.end()
    with pytest.raises(SessionEnded):
        join(house, token, session)

    assert len(join(house, token, again).employments) == 2


def test_a_password_alone_is_not_enough(tmp_path):
    """Where no code is ever asked, a session never rests on two steps."""
    policy = Policy.for_tests()
    alone = Policy(
        passwords=policy.passwords, hand_out_links=True, second_factor=SecondFactor.NEVER
    )
    with kit.house_at(tmp_path, policy=alone) as house:
        session = house.joined()
        _, token = second(house)

        with pytest.raises(FreshConfirmationRequired):
            join(house, token, session)


def test_another_vaults_session_joins_nothing(tmp_path, lite):
    """A session is of one vault."""
    lite.joined()
    _, token = second(lite)
    with kit.house_at(tmp_path / "other") as other:
        foreign = other.joined()

        with pytest.raises(SessionEnded):
            join(lite, token, foreign)


def test_one_link_is_joined_once(house):
    """Sixteen threads, half of them opening a new safe by it: one of all has it, the rest read that it is used."""
    session = house.joined()
    beta, token = second(house)
    answers = {
        "password": kit.PASSWORD,
        "given_name": kit.GIVEN,
        "family_name": kit.FAMILY,
        "email": "new@example.org",
    }
    joinings = [lambda: join(house, token, session)] * 8
    openings = [lambda: house.vault.joining.complete(token, **answers)] * 8

    told = at_once(*joinings, *openings)

    assert told["won"] == 1
    # Names typed by sixteen are throttled too.
    assert set(told) <= {"won", "already-activated", "too-many-attempts"}
    receipt = beta.deposit("B-7", kit.pdf(mark="after"), kind="payslip")
    assert house.vault.upkeep.check().ok
    mine = house.signed_in()
    holds = any(document.id == receipt.document_id for document in mine.safe.payslips())
    assert holds == (len(mine.employments) == 2)


def test_a_joined_link_is_used(house):
    """Whoever comes later with it is told to sign in."""
    session = house.joined()
    _, token = second(house)
    join(house, token, session)

    with pytest.raises(AlreadyActivated):
        join(house, token, session)
    with pytest.raises(AlreadyActivated):
        house.vault.joining.look_up(token)
