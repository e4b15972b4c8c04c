"""A forgotten password: link, code by another way, new password; nobody is told who exists."""

import datetime as dt

import pytest

import kit
from mycvault import (
    AddressMissing,
    AlreadyActivated,
    Assurance,
    CodeExpired,
    CodeRefused,
    LinkExpired,
    Need,
    PasswordTooWeak,
    Reason,
    SessionEnded,
    SignInRefused,
    TooManyAttempts,
)
from recovery_kit import NEW, UNKNOWN, asked, coded, recovered


def test_she_sets_a_new_password(house):
    """Link by e-mail, code by SMS, and she is in; the old password is none any more, and the new one signs in."""
    house.joined()
    token = asked(house)
    step = house.vault.recovery.look_up(token)
    assert step.needs == {Need.PASSWORD, Need.CODE}
    assert step.expires_at == house.clock.now() + dt.timedelta(hours=1)

    session = recovered(house, token)

    assert session.assurance is Assurance.TWO_STEP
    assert session.safe.count() == 0
    with pytest.raises(SignInRefused):
        house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    assert house.signed_in(password=NEW).account_id == session.account_id
    verbs = [event.verb for event in session.safe.history()]
    assert {"request-recovery", "send-recovery-code", "recover"} <= set(verbs)


def test_the_code_takes_another_way_than_the_link(house):
    """Link to the mailbox that was typed, code to the number; her other addresses are told at once that it was asked for."""
    house.joined()
    house.post()
    before = len(house.courier.letters)

    challenge = house.vault.recovery.send_code(asked(house))
    house.post()

    letters = {one.template: (one.channel, one.to) for one in house.courier.letters[before:]}
    assert letters == {
        "recovery": ("email", kit.EMAIL),
        "security-alert": ("sms", kit.PHONE_E164),
        "recovery-code": ("sms", kit.PHONE_E164),
    }
    assert challenge.sent_to == "+33 6 •• •• •• 78"
    assert challenge.alternatives == frozenset()
    told = {one.context["alert"] for one in house.sent("security-alert")}
    assert told == {"recovery-asked"}


def test_every_proved_address_is_told_that_it_was_done(house):
    """Mailbox and number are told, with the device it came from."""
    house.joined()
    token = asked(house)
    code = coded(house, token)
    house.vault.recovery.complete(token, password=NEW, code=code, caller=kit.HERE)

    told = [one for one in house.sent("security-alert") if one.context["alert"] == "recovered"]
    assert {one.to for one in told} == {kit.EMAIL, kit.PHONE_E164}
    assert {one.context["device"] for one in told} == {"Browser of the tests"}


def test_whoever_reads_the_mailbox_alone_does_not_get_in(house):
    """Without the code nothing changes: a missing one counts for nothing, a wrong one is counted, and five are the end."""
    session = house.joined()
    token = asked(house)
    complete = house.vault.recovery.complete
    for _ in range(6):
        with pytest.raises(CodeRefused) as refused:
            complete(token, password=NEW)
        assert refused.value.tries_left == 5
    with pytest.raises(CodeExpired):
        complete(token, password=NEW, code="123456")
    right = coded(house, token)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for left in range(4, -1, -1):
        with pytest.raises(CodeRefused) as refused:
            complete(token, password=NEW, code=wrong)
        assert refused.value.tries_left == left
    with pytest.raises(TooManyAttempts):
        complete(token, password=NEW, code=right)

    assert session.safe.count() == 0
    assert house.signed_in().account_id == session.account_id


def test_the_count_survives_another_link_and_another_code(house):
    """Neither a new code nor a new link gives new tries."""
    house.joined()
    first = asked(house)
    code = coded(house, first)
    for _ in range(4):
        with pytest.raises(CodeRefused):
            house.vault.recovery.complete(first, password=NEW, code="0" + code)
    second = asked(house)
    assert second != first
    with pytest.raises(CodeRefused) as refused:
        house.vault.recovery.complete(second, password=NEW, code="0" + coded(house, second))
    assert refused.value.tries_left == 0


def test_nothing_but_one_mailbox(house):
    """Who has nothing but one mailbox has nothing else to show: the link is all, and the session says so."""
    house.joined(phone=None)
    token = asked(house)
    assert house.vault.recovery.look_up(token).needs == {Need.PASSWORD}
    with pytest.raises(AddressMissing):
        house.vault.recovery.send_code(token)

    session = house.vault.recovery.complete(token, password=NEW, code="whatever")

    assert session.assurance is Assurance.PASSWORD
    assert house.signed_in(password=NEW).account_id == session.account_id


def test_a_number_alone_gets_the_link_by_sms(house):
    """Without a mailbox of hers the link goes to the number; a mailbox she proves meanwhile gets the code."""
    house.enrolled(email=None)
    session = house.activated(token=house.invited_token(by="letter"), email="z@example.org")
    token = asked(house, "06 12 34 56 78")
    letter = house.sent("recovery")[0]
    assert (letter.channel, letter.to) == ("sms", kit.PHONE_E164)
    assert house.vault.recovery.look_up(token).needs == {Need.PASSWORD}

    link = house.sent("confirm-address")[0].context["link"].rpartition("/")[2]
    house.vault.confirm_address(link)
    assert house.vault.recovery.look_up(token).needs == {Need.PASSWORD, Need.CODE}
    assert house.vault.recovery.send_code(token).sent_to == "z•••@example.org"
    again = house.vault.recovery.complete(token, password=NEW, code=house.code())
    assert again.account_id == session.account_id


def test_a_number_that_is_typed_leads_to_the_mailbox(house):
    """A code by SMS beside a link by SMS would be one way: the link goes to the mailbox."""
    house.joined()
    asked(house, kit.PHONE)

    assert [one.to for one in house.sent("recovery")] == [kit.EMAIL]


def test_nobody_is_told_who_exists(house):
    """Known, invited, unknown and no identifier at all: the same rows are written, and nothing is sent to who is none."""
    house.joined("A-1")
    house.enrolled("A-2", email="invited@example.org", phone=None)
    house.acme.invite("A-2")
    house.post()
    before = len(house.courier.letters)
    written = []
    for identifier in (kit.EMAIL, "invited@example.org", UNKNOWN, "+33 1 99 99", "", "x" * 400):
        events, letters = len(house.events()), house.rows("SELECT count(*) FROM mycvault_letters")
        assert house.vault.recovery.request(identifier, caller=kit.HERE) is None
        more = house.rows("SELECT count(*) FROM mycvault_letters")[0][0] - letters[0][0]
        written.append((house.events()[events:], more))

    assert written == [([("request-recovery", "")], 1)] * 6
    report = house.vault.outbox.deliver(house.courier)
    assert {one.to for one in house.courier.letters[before:]} == {kit.EMAIL, kit.PHONE_E164}
    assert report.ok
    assert report.remaining == 0


def test_failed_sign_ins_do_not_close_recovery(house):
    """Whoever is kept from signing in still gets a link; and requests do not keep anybody from signing in."""
    house.joined()
    for _ in range(5):
        with pytest.raises(SignInRefused):
            house.vault.sign_in(kit.EMAIL, "not it", caller=kit.HERE)
    with pytest.raises(TooManyAttempts):
        house.vault.sign_in(kit.EMAIL, "not it", caller=kit.HERE)
    assert asked(house, caller=kit.HERE)

    house.clock.advance(dt.timedelta(hours=1))
    for identifier in (kit.EMAIL, UNKNOWN):
        for _ in range(5):
            house.vault.recovery.request(identifier, caller=kit.HERE)
        with pytest.raises(TooManyAttempts) as refused:
            house.vault.recovery.request(identifier, caller=kit.HERE)
        assert refused.value.retry_after == kit.MINUTE
    assert house.vault.sign_in(kit.EMAIL, kit.PASSWORD, caller=kit.HERE)


def test_three_links_live_and_none_is_killed_by_a_request(house):
    """A fourth request sends nothing; the first link still works, and with it all others are used."""
    house.joined()
    tokens = [asked(house) for _ in range(3)]
    assert len(set(tokens)) == 3
    assert asked(house) == tokens[-1]

    recovered(house, tokens[0])

    for token in tokens:
        with pytest.raises(AlreadyActivated):
            house.vault.recovery.look_up(token)
    house.clock.advance(dt.timedelta(hours=2))
    assert asked(house) not in tokens


def test_every_session_and_what_is_half_way_in_ends(house):
    """Sessions end in the same act; so does a sign-in with the old password that waits for its code."""
    session = house.joined()
    other = house.signed_in()
    token = asked(house)
    half_way = house.asked(password=kit.PASSWORD)
    sign_in_code = house.code()

    recovered(house, token)

    for ended in (session, other):
        with pytest.raises(SessionEnded):
            ended.safe.documents()
    with pytest.raises(CodeExpired):
        house.vault.confirm_code(half_way.challenge, sign_in_code)


def test_a_link_ends_after_an_hour(house):
    """Its hour is told before it is used; the code of an earlier time does not open it either."""
    house.joined()
    token = asked(house)
    house.clock.advance(dt.timedelta(minutes=58))
    code = coded(house, token)
    house.clock.advance(kit.MINUTE)

    for verb in (
        lambda: house.vault.recovery.look_up(token),
        lambda: house.vault.recovery.send_code(token),
        lambda: house.vault.recovery.complete(token, password=NEW, code=code),
    ):
        with pytest.raises(LinkExpired) as refused:
            verb()
        assert "employeur" not in refused.value.message()
    assert house.signed_in().safe.count() == 0


def test_a_request_nobody_answered_in_time_is_let_go(house):
    """Where letters lay for hours, she is not told of a request long past."""
    house.joined()
    house.vault.recovery.request(kit.EMAIL)
    house.clock.advance(dt.timedelta(hours=1))

    assert house.sent("recovery") == []


def test_what_she_can_mend_is_free(house):
    """A weak password, or one made of her own words, is refused before the code is counted, and the code stays good."""
    house.joined()
    token = asked(house)
    code = coded(house, token)
    for weak in ("short", "acme-sas-zelie-exemplaire", kit.EMAIL):
        for _ in range(6):
            with pytest.raises(PasswordTooWeak):
                house.vault.recovery.complete(token, password=weak, code=code)
    with pytest.raises(PasswordTooWeak) as refused:
        house.vault.recovery.complete(token, password="Acme SAS zelie exemplaire", code=code)
    assert Reason.PERSONAL in refused.value.reasons

    assert house.vault.recovery.complete(token, password=NEW, code=code).safe.count() == 0


def test_the_old_password_is_not_told(house):
    """Taking the old password again is no refusal: it would tell whoever holds the link what it is."""
    house.joined()
    session = recovered(house, asked(house), password=kit.PASSWORD)

    assert house.signed_in().account_id == session.account_id
