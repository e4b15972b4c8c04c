"""A link that expired, was lost, or ends soon: one more, to the address on record, beside the live ones."""

import datetime as dt

import pytest

import kit
from mycvault import (
    AddressMissing,
    AlreadyActivated,
    CodeRefused,
    EmployeeStatus,
    InvalidInput,
    LinkDamaged,
    LinkExpired,
    LinkInvalid,
    TooManyAttempts,
)

DAY = dt.timedelta(days=1)


def letters(house, template="invitation"):
    """Deliver what is due; give where the letters went."""
    return [(one.channel, one.to) for one in house.sent(template)]


def newest(house, template="invitation"):
    """Give the token of the newest letter."""
    return house.sent(template)[-1].context["link"].rpartition("/")[2]


def requested(house, identifier=kit.EMAIL):
    assert house.vault.joining.request_new_link(identifier) is None
    return letters(house)


@pytest.fixture
def expired(house):
    """A link whose fortnight is over."""
    house.enrolled()
    token = house.invited_token()
    house.post()
    house.clock.advance(15 * DAY)
    with pytest.raises(LinkExpired):
        house.vault.joining.look_up(token)
    return token


def test_an_expired_link_brings_another(house, expired):
    """It goes to the address on record, opens the safe, and HR sees her invited until its end."""
    assert house.acme.employee("A-0042").status is EmployeeStatus.EXPIRED
    assert house.vault.joining.renew(expired) is None

    assert letters(house) == [("email", kit.EMAIL)] * 2
    assert house.acme.employee("A-0042").status is EmployeeStatus.INVITED
    token = newest(house)
    assert token != expired
    assert house.vault.joining.look_up(token).expires_at == house.clock.now() + 15 * DAY
    assert house.activated(token=token).safe.count() == 0
    for used in (token, expired):
        with pytest.raises(AlreadyActivated):
            house.vault.joining.renew(used)


def test_three_live_at_most(house, expired):
    """A fourth renewal sends nothing and refuses nothing; every live link still opens, and one use ends them all."""
    for _ in range(5):
        house.vault.joining.renew(expired)
    tokens = [one.context["link"].rpartition("/")[2] for one in house.sent("invitation")][1:]
    assert len(tokens) == 3
    for token in tokens:
        assert house.vault.joining.look_up(token)

    house.activated(token=tokens[0])

    for token in tokens:
        with pytest.raises(AlreadyActivated):
            house.vault.joining.look_up(token)


def test_a_live_link_is_not_renewed(house):
    """There is nothing to send: the link she holds opens."""
    house.enrolled()
    token = house.invited_token()
    house.vault.joining.renew(token)

    assert len(letters(house)) == 1
    assert house.activated(token=token)


def test_what_is_no_expired_invitation_is_refused(house, expired):
    """Revoked, unknown, cut, and a link for something else."""
    refusal = house.acme.delivery.refusal_link("A-0042").token.reveal()
    for token, error in ((expired[:-2], LinkDamaged), (refusal, LinkInvalid)):
        with pytest.raises(error):
            house.vault.joining.renew(token)
    house.acme.revoke_invitation("A-0042")
    with pytest.raises(LinkInvalid):
        house.vault.joining.renew(expired)
    assert len(letters(house)) == 1


def test_a_renewal_goes_to_no_address_of_old(house, expired):
    """HR corrected her address: the link that went to the old one is dead, and brings none."""
    house.acme.amend("A-0042", email="corrected@example.org")
    with pytest.raises(LinkInvalid):
        house.vault.joining.renew(expired)
    house.acme.invite("A-0042")
    token = newest(house)
    house.clock.advance(15 * DAY)
    house.vault.joining.renew(token)

    assert letters(house)[1:] == [("email", "corrected@example.org")] * 2


def test_a_printed_link_without_an_address_brings_another_letter(house):
    """Nobody on record to send it to: HR prints another. With a number it goes by SMS."""
    house.enrolled("A-1", email=None, phone=None)
    house.enrolled("A-2", email=None)
    first, second = (house.invited_token(who, by="letter") for who in ("A-1", "A-2"))
    house.clock.advance(16 * DAY)
    with pytest.raises(AddressMissing):
        house.vault.joining.renew(first)
    house.vault.joining.renew(second)

    assert letters(house) == [("sms", kit.PHONE_E164)]


def test_renewing_is_throttled_by_the_link(house, expired):
    """Five in a row from one place, then one a minute."""
    for _ in range(5):
        house.vault.joining.renew(expired, caller=kit.HERE)
    with pytest.raises(TooManyAttempts) as refused:
        house.vault.joining.renew(expired, caller=kit.HERE)
    assert refused.value.retry_after == kit.MINUTE


def test_an_activation_code_is_asked_of_every_later_link(house):
    """Whoever reads the mailbox gets no link without the code that was printed for the first one."""
    house.enrolled(phone=None)
    invitation = house.acme.invite("A-0042", activation_code=True)
    code = invitation.activation_code.reveal()
    requested(house)
    second = newest(house)
    house.clock.advance(15 * DAY)
    house.vault.joining.renew(second)
    third = newest(house)
    assert len({invitation.token.reveal(), second, third}) == 3
    needs = house.vault.joining.look_up(third).needs
    assert "activation-code" in needs
    with pytest.raises(CodeRefused):
        house.activated(token=third)
    with pytest.raises(CodeRefused):
        house.activated(token=third, activation_code="ABCDEFGHJK")

    assert house.activated(token=third, activation_code=code)


def test_a_wrong_activation_code_is_counted_over_all_links(house):
    """Neither another link nor an invitation anew gives new tries."""
    house.enrolled(phone=None)
    token = house.acme.invite("A-0042", activation_code=True).token.reveal()
    for left in (4, 3):
        with pytest.raises(CodeRefused) as refused:
            house.activated(token=token, activation_code="ABCDEFGHJK")
        assert refused.value.tries_left == left
    requested(house)
    with pytest.raises(CodeRefused) as refused:
        house.activated(token=newest(house), activation_code="ABCDEFGHJK")
    assert refused.value.tries_left == 2
    again = house.acme.invite("A-0042", activation_code=True)
    with pytest.raises(CodeRefused) as refused:
        house.activated(token=again.token.reveal(), activation_code="ABCDEFGHJK")
    assert refused.value.tries_left == 1
    assert house.activated(
        token=again.token.reveal(), activation_code=again.activation_code.reveal()
    )


# ------------------------------------------------------------------ from the help page


def test_the_help_page_sends_one_more_link(house):
    """The first stays good; the letter goes to the address on record, whatever was typed."""
    house.enrolled()
    first = house.invited_token()
    for typed in (kit.EMAIL.upper(), kit.PHONE, kit.EMAIL):
        requested(house, typed)

    assert letters(house) == [("email", kit.EMAIL)] * 3
    assert house.vault.joining.look_up(first)
    assert house.activated(token=newest(house))


def test_the_help_page_tells_nobody_who_exists(house):
    """Enrolled and never invited, revoked, moved, unknown, a stranger's: the same rows are written, and nothing is sent."""
    house.enrolled("A-1", email="enrolled@example.org")
    house.enrolled("A-2", email="revoked@example.org")
    house.acme.invite("A-2")
    house.acme.revoke_invitation("A-2")
    house.enrolled("A-3", email="old@example.org")
    house.acme.invite("A-3")
    house.acme.amend("A-3", email="new@example.org")
    house.vault.outbox.deliver(house.courier)
    before, written = len(house.courier.letters), []
    names = ("enrolled", "revoked", "old", "new", "unknown")
    for identifier in (*(f"{name}@example.org" for name in names), "x", ""):
        events, waiting = len(house.events()), house.vault.outbox.pending()
        house.vault.joining.request_new_link(identifier, caller=kit.HERE)
        written.append((house.events()[events:], house.vault.outbox.pending() - waiting))

    assert written == [([("request-new-link", "")], 1)] * 7
    house.vault.outbox.deliver(house.courier)
    assert house.courier.letters[before:] == []


def test_each_employer_that_invited_her_sends_a_link(house):
    """Two employers wrote to one mailbox: each sends one more; who joined is reminded instead, in her own mailbox."""
    globex = house.vault.add_employer("Globex SARL", reference="globex", urls=kit.URLS)
    house.enrolled()
    globex.enrol("G-1", given_name=kit.GIVEN, family_name=kit.FAMILY, email=kit.EMAIL)
    house.acme.invite("A-0042")
    globex.invite("G-1")
    assert len(requested(house)) == 4
    employers = {one.employer for one in house.sent("invitation")[2:]}
    assert employers == {"acme", "globex"}

    house.activated()
    count = len(letters(house))
    assert len(requested(house)) == count + 1
    assert letters(house, "identifier-reminder") == [("email", kit.EMAIL)]


def test_two_employers_records_are_not_joined(house):
    """Whoever reads the database alone cannot tell that two employers write to the same address, nor find it when she joined."""
    globex = house.vault.add_employer("Globex SARL", reference="globex")
    for employer, matricule in ((house.acme, "A-0042"), (globex, "G-1")):
        employer.enrol(
            matricule, given_name="Z", family_name="Exemple", email=kit.EMAIL, phone=kit.PHONE
        )
        employer.invite(matricule)
    query = "SELECT email_index, phone_index FROM mycvault_employees"
    found = [bytes(value) for row in house.rows(query) for value in row]
    assert len(set(found)) == 4

    house.activated()
    assert len([1 for row in house.rows(query) if row == (None, None)]) == 1


def test_a_record_invited_before_the_index_came_is_found_once_invited_again(house):
    """A row of the first version has no index: its link still opens, and the next invitation fills it."""
    house.enrolled()
    house.acme.invite("A-0042")
    assert len(requested(house)) == 2
    house.acme.amend("A-0042", phone="06 98 76 54 32")
    assert len(requested(house)) == 2
    house.acme.invite("A-0042")
    assert len(requested(house)) == 4


# ------------------------------------------------------------------ reminders before the end


def test_who_has_three_days_left_is_reminded_once(house):
    """A letter with a link of its own, the first one staying good; running it again reminds nobody."""
    for number in range(3):
        house.enrolled(f"A-{number}", email=f"person.{number}@example.org", phone=None)
    tokens = [house.invited_token(f"A-{number}") for number in range(2)]
    house.enrolled("A-9", email=None)
    house.acme.invite("A-9", by="letter")
    house.post()
    assert house.acme.remind_pending() == 0
    house.clock.advance(12 * DAY)
    house.activated("A-1", token=tokens[1])

    assert [house.acme.remind_pending() for _ in range(3)] == [1, 0, 0]

    assert letters(house, "invitation-reminder") == [("email", "person.0@example.org")]
    assert house.vault.joining.look_up(tokens[0])
    house.clock.advance(13 * DAY)
    assert house.acme.remind_pending() == 0
    house.acme.invite("A-0")
    house.clock.advance(13 * DAY)
    assert house.acme.remind_pending() == 1
    assert house.activated("A-0", token=newest(house, "invitation-reminder"))


def test_reminders_by_sms_and_what_is_no_reminder(house):
    """By SMS where a number is on record; a letter is printed one by one; a length must be one."""
    house.enrolled(email=None)
    house.acme.invite("A-0042", by="sms")
    for wrong in ({"by": "letter"}, {"by": "pigeon"}, {"before": 3}, {"before": -DAY}):
        with pytest.raises(InvalidInput):
            house.acme.remind_pending(**wrong)

    assert house.acme.remind_pending(before=20 * DAY, by="sms") == 1
    assert letters(house, "invitation-reminder") == [("sms", kit.PHONE_E164)]


def test_who_asked_for_three_links_herself_is_not_reminded(house):
    """Three links live: nothing is sent, and it is not tried again."""
    house.enrolled()
    house.acme.invite("A-0042")
    for _ in range(3):
        requested(house)

    assert house.acme.remind_pending(before=20 * DAY) == 0
    assert letters(house, "invitation-reminder") == []


def test_the_lists_that_hr_works_from(house):
    """Expired, undelivered and pending are three lists; an invitation anew takes somebody off the first two."""
    for number in range(3):
        house.enrolled(f"A-{number}", email=f"person.{number}@example.org", phone=None)
    house.acme.invite("A-0")
    house.acme.invite("A-1")
    house.vault.outbox.deliver(house.courier)
    bounced = house.courier.last("person.1@example.org")
    house.vault.outbox.report(bounced.id, "bounced")
    assert [one.matricule for one in house.acme.undelivered()] == ["A-1"]
    house.clock.advance(15 * DAY)

    def named(status):
        return [one.matricule for one in house.acme.employees(status=status)]

    assert named(EmployeeStatus.EXPIRED) == ["A-0", "A-1"]
    assert house.acme.invite_pending() == 3
    assert named(EmployeeStatus.EXPIRED) == []
    assert list(house.acme.undelivered()) == []
