"""Every way into a safe, whole: link alone, code on paper, code by SMS, without an e-mail address; names as people have them."""

import attrs
import pytest

import kit
from mycvault import (
    AlreadyActivated,
    Assurance,
    CodeExpired,
    CodeRefused,
    IdentityMismatch,
    LinkInvalid,
    Need,
    SignInRefused,
)

PRIVATE = "zelie.at.home@example.org"
WHO = {Need.PASSWORD, Need.IDENTITY}


def token_of(letter, name="link"):
    return letter.context[name].rpartition("/")[2]


def test_link_alone(house):
    """No number, no birth date, no code: the link, her name and a password; she signs in again."""
    house.enrolled(phone=None)
    token = house.invited_token()
    assert house.vault.joining.look_up(token).needs == WHO

    session = house.activated(token=token)

    assert session.assurance is Assurance.PASSWORD
    assert house.signed_in().account_id == session.account_id


def test_a_code_by_sms(house):
    """The number on record gets a code, and is an identifier from then on."""
    house.enrolled()
    token = house.invited_token()
    assert house.vault.joining.look_up(token).needs == {*WHO, Need.CODE}

    session = house.activated(token=token)

    assert session.assurance is Assurance.TWO_STEP
    assert house.signed_in(kit.PHONE).account_id == session.account_id


@pytest.mark.parametrize(
    "spoken",
    [
        str.lower,
        " ".join,
        lambda code: f" {code[:5]}-{code[5:]} ",
        lambda code: "\u2013".join((code[:3], code[3:6], code[6:])),
        lambda code: "".join(chr(ord(char) + 0xFEE0) for char in code),
        lambda code: "".join(chr(ord(char) + 0xFEE0) for char in code.lower()) + "\u3000",
        lambda code: code[:4] + "\u00a0" + code[4:] + ".",
    ],
)
def test_a_printed_code_is_read_aloud(lite, spoken):
    """Small letters, spaces, dashes, full-width letters: whatever people make of ten characters over the telephone."""
    lite.enrolled(phone=None)
    invitation = lite.acme.invite("A-0042", activation_code=True, by="letter")
    code = invitation.activation_code.reveal()
    assert len(code) == 10
    assert not set(code) & set("0O1IL2Z5S")
    token = invitation.token.reveal()
    assert lite.vault.joining.look_up(token).needs == {*WHO, Need.ACTIVATION_CODE}

    assert lite.activated(token=token, activation_code=spoken(code))


def test_a_printed_code_with_a_letter_wrong_is_refused(lite):
    """What is forgiven is how it is written, not what is written."""
    lite.enrolled(phone=None)
    invitation = lite.acme.invite("A-0042", activation_code=True, by="letter")
    code = invitation.activation_code.reveal()
    other = code[:-1] + ("A" if code[-1] != "A" else "B")
    for wrong in (other, code[:-1], code + "A"):
        with pytest.raises(CodeRefused):
            lite.activated(token=invitation.token.reveal(), activation_code=wrong)


def test_without_an_e_mail_address_by_letter(house):
    """HR prints link and code; she types her private address, which proves itself; the employer never learns it."""
    house.enrolled(email=None, phone=None)
    invitation = house.acme.invite("A-0042", activation_code=True, by="letter")
    assert house.vault.outbox.pending() == 0
    session = house.activated(
        token=invitation.token.reveal(),
        activation_code=invitation.activation_code.reveal(),
        email=PRIVATE,
    )
    assert session.holder.emails == ()
    with pytest.raises(SignInRefused):
        house.vault.sign_in(PRIVATE, kit.PASSWORD)

    house.vault.confirm_address(token_of(house.sent("confirm-address")[0]))

    assert house.signed_in(PRIVATE).holder.emails == (PRIVATE,)
    house.acme.deposit("A-0042", kit.pdf(), kind="payslip")
    house.post()
    seen = [
        house.acme.employee("A-0042"),
        *house.acme.employees(),
        house.acme.statistics(),
        *house.acme.undelivered(),
        *house.acme.deposits(),
        *house.acme.delivery.history("A-0042"),
        invitation,
    ]
    assert PRIVATE not in str([attrs.astuple(one) for one in seen])
    assert house.acme.employee("A-0042").email is None


def test_without_an_e_mail_address_by_sms(house):
    """The link goes to her number, and the code after it; her private address proves itself when she has time."""
    house.enrolled(email=None)
    house.acme.invite("A-0042", by="sms")
    letter = house.sent("invitation")[0]
    assert (letter.channel, letter.to) == ("sms", kit.PHONE_E164)

    session = house.activated(token=token_of(letter), email=PRIVATE)

    assert session.assurance is Assurance.TWO_STEP
    assert house.signed_in(kit.PHONE).account_id == session.account_id
    house.vault.confirm_address(token_of(house.sent("confirm-address")[0]))
    assert house.signed_in(PRIVATE).account_id == session.account_id
    assert house.acme.employee("A-0042").email is None


def test_an_address_typed_wrong_can_be_left_behind(house):
    """Nobody proves the address she mistyped: no identifier, no recovery, and the right one is free for her."""
    house.enrolled(email=None)
    session = house.activated(token=house.invited_token(by="letter"), email="typo@example.org")

    assert session.holder.emails == ()
    assert house.signed_in(kit.PHONE).account_id == session.account_id
    house.vault.recovery.request("typo@example.org")
    assert house.sent("recovery") == []
    with pytest.raises(AlreadyActivated):
        house.acme.invite("A-0042", by="letter")


# ------------------------------------------------------------------ while she fills in the form


@pytest.mark.parametrize("change", ["invite", "amend", "revoke"])
def test_a_link_dies_while_she_fills_in_the_form(house, change):
    """HR invites anew, corrects the address or revokes: what she sends then opens nothing, and leaves no account behind."""
    house.enrolled(phone=None)
    token = house.invited_token()
    house.vault.joining.look_up(token)
    if change == "invite":
        house.acme.invite("A-0042")
    elif change == "amend":
        house.acme.amend("A-0042", email="corrected@example.org")
    else:
        house.acme.revoke_invitation("A-0042")

    with pytest.raises(LinkInvalid):
        house.activated(token=token, email=kit.EMAIL)
    assert house.rows("SELECT count(*) FROM mycvault_accounts")[0][0] == 0


def test_tries_are_counted_though_the_call_is_refused(house):
    """Wrong codes stay counted over a resend, a link anew and an address corrected; a number corrected kills the code."""
    house.enrolled()
    token = house.invited_token()
    house.vault.joining.send_code(token)
    wrong = f"{(int(house.code()) + 1) % 10**6:06d}"
    for left in (4, 3):
        with pytest.raises(CodeRefused) as refused:
            house.activated(token=token, code=wrong)
        assert refused.value.tries_left == left
    house.clock.advance(kit.MINUTE)
    again = house.invited_token()
    house.vault.joining.send_code(again)
    wrong = f"{(int(house.code()) + 1) % 10**6:06d}"
    with pytest.raises(CodeRefused) as refused:
        house.activated(token=again, code=wrong)
    assert refused.value.tries_left == 2
    house.acme.amend("A-0042", phone="06 98 76 54 32")
    with pytest.raises(CodeExpired):
        house.activated(token=house.invited_token(), code=wrong)


def test_a_clock_that_goes_back_gives_nothing_back(house):
    """A used link stays used, tries stay counted, and a link that was made later is still good."""
    house.enrolled(phone=None)
    token = house.invited_token()
    house.clock.advance(-15 * 24 * 60 * kit.MINUTE)
    assert house.vault.joining.look_up(token)
    house.activated(token=token)
    house.clock.advance(-15 * 24 * 60 * kit.MINUTE)

    for verb in (house.vault.joining.look_up, house.vault.joining.renew):
        with pytest.raises(AlreadyActivated):
            verb(token)


# ------------------------------------------------------------------ names

ON_RECORD = ("Łucja-Øyvind", "Lefèvre-d'Été de la Tour")
ALIKE = [
    ("lucja", "LEFEVRE D'ETE DE LA TOUR"),
    ("Øyvind Łucja", "Lefèvre"),
    ("LUCJA OYVIND", "d’Été‐Lefèvre de la Tour"),
    ("Ｌｕｃｊａ", "Le Fevre d Ete de la Tour"),
    ("Łucja", "lefèvre  tour"),
]
DIFFERENT = [
    ("Lucja", "Lеfèvre"),  # a Cyrillic е
    ("Łucia", "Lefèvre"),
    ("Lucja", "de la"),
    ("Lucja", "Lefèvre-Autre"),
    ("Ιucja", "Lefèvre"),  # a Greek iota
]


@pytest.mark.parametrize(("given", "family"), ALIKE)
def test_names_as_keyboards_have_them(lite, given, family):
    """Letters that a keyboard lacks, apostrophes and hyphens of every kind, of several names one."""
    lite.enrolled(phone=None, given_name=ON_RECORD[0], family_name=ON_RECORD[1])
    assert lite.activated(given_name=given, family_name=family)


@pytest.mark.parametrize(("given", "family"), DIFFERENT)
def test_names_that_only_look_alike(lite, given, family):
    """A letter of another script, another letter, particles alone."""
    lite.enrolled(phone=None, given_name=ON_RECORD[0], family_name=ON_RECORD[1])
    with pytest.raises(IdentityMismatch) as refused:
        lite.activated(given_name=given, family_name=family)
    assert refused.value.field in {"given_name", "family_name"}
