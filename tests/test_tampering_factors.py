"""What a row that is not there must not do: spare a code, free a number, forget a try. A seal cannot tell of a deleted row."""

import base64

import pytest

import kit
from app_kit import Phone, with_app
from attack_kit import TABLES, raw_at
from mycvault import (
    CodeExpired,
    CodeRefused,
    CodeRequired,
    MycvaultError,
    Policy,
    RecordDamaged,
)


@pytest.fixture
def house(tmp_path, records_url):
    policy = Policy.for_tests()
    policy = type(policy)(
        passwords=policy.passwords, hand_out_links=True, second_factor="when-available"
    )
    url = None if records_url.startswith("sqlite") else records_url
    with kit.house_at(tmp_path, url, policy=policy) as house:
        house.url = url or f"sqlite:///{house.folder}/records.sqlite3"
        yield house


def test_a_deleted_number_does_not_spare_the_code(house):
    """Whoever deletes her phone's row does not make her password alone good enough."""
    house.joined()
    assert isinstance(house.vault.sign_in(kit.EMAIL, kit.PASSWORD), CodeRequired)
    with raw_at(house.url) as raw:
        (phone,) = [row for row in raw.rows(TABLES["addresses"]) if row["kind"] == "phone"]
        raw.remove(TABLES["addresses"], phone)

    try:
        told = house.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    except MycvaultError:
        return

    assert isinstance(told, CodeRequired)


# ------------------------------------------------------------------ her app


@pytest.fixture
def armed(tmp_path, records_url):
    url = None if records_url.startswith("sqlite") else records_url
    with kit.house_at(tmp_path, url) as house:
        house.url = url or f"sqlite:///{house.folder}/records.sqlite3"
        yield house


def test_a_deleted_app_does_not_bring_back_what_is_sent(armed):
    """Whoever deletes the app's row, and her recovery codes, gets no code by SMS or e-mail instead."""
    with_app(armed)
    with raw_at(armed.url) as raw:
        for name in ("apps", "recovery_codes"):
            for row in raw.rows(TABLES[name]):
                raw.remove(TABLES[name], row)

    with pytest.raises(RecordDamaged):
        armed.vault.sign_in(kit.EMAIL, kit.PASSWORD)
    assert armed.sent("sign-in-code") == []


def test_a_request_from_before_the_app_that_comes_back_opens_nothing(armed):
    """A challenge by SMS, deleted when the app was confirmed, is put back: it is of a way that is hers no more."""
    session = armed.joined()
    asked, sms = armed.asked(), armed.code()
    with raw_at(armed.url) as raw:
        kept = raw.rows(TABLES["challenges"])
        session.security.confirm_app(Phone(armed, session).code())
        for row in raw.rows(TABLES["challenges"]):
            raw.remove(TABLES["challenges"], row)
        raw.add(TABLES["challenges"], *kept)

    with pytest.raises(CodeExpired):
        armed.vault.confirm_code(asked.challenge, sms)


def test_factors_that_come_back_are_damage(armed):
    """The app she removed and the codes she replaced, put back row by row, open nothing and are told."""
    session, _, _ = with_app(armed)
    with raw_at(armed.url) as raw:
        kept = {name: raw.rows(TABLES[name]) for name in ("apps", "recovery_codes")}
        session.security.new_recovery_codes()
        raw.add(TABLES["recovery_codes"], *kept["recovery_codes"])
        with pytest.raises(RecordDamaged):
            armed.vault.sign_in(kit.EMAIL, kit.PASSWORD)
        for row in kept["recovery_codes"]:
            raw.remove(TABLES["recovery_codes"], row)
        session.security.remove_app()
        raw.add(TABLES["apps"], *kept["apps"])

    with pytest.raises(RecordDamaged):
        armed.vault.sign_in(kit.EMAIL, kit.PASSWORD)


def test_an_app_of_ones_own_is_not_put_in_place_of_hers(armed):
    """An attacker with a safe of his own writes his app's secret, and his recovery codes, into her rows."""
    with_app(armed)
    other = armed.joined("A-2", email="albert@example.org", phone="06 98 76 54 32")
    phone = Phone(armed, other)
    codes = other.security.confirm_app(phone.code())
    hers, his = armed.rows("SELECT id, account_id FROM mycvault_apps ORDER BY id")
    for swap in ("secret", "secret, sealed_by", "secret, sealed_by, seal"):
        with raw_at(armed.url) as raw:
            before = raw.rows(TABLES["apps"])
            his_row = next(row for row in before if row["id"] == his.id)
            her_row = next(row for row in before if row["id"] == hers.id)
            raw.write(TABLES["apps"], her_row, {name: his_row[name] for name in swap.split(", ")})
            with pytest.raises(RecordDamaged):
                armed.vault.sign_in(kit.EMAIL, kit.PASSWORD)
            raw.write(TABLES["apps"], her_row, {name: her_row[name] for name in swap.split(", ")})

    with raw_at(armed.url) as raw:
        theirs = [
            r for r in raw.rows(TABLES["recovery_codes"]) if r["account_id"] == his.account_id
        ]
        raw.write(TABLES["recovery_codes"], theirs[0], {"account_id": hers.account_id})
    with pytest.raises(RecordDamaged):
        armed.vault.confirm_code(armed.asked().challenge, codes[0])


def test_another_persons_code_opens_nothing(armed):
    """Neither the app's nor a recovery code of somebody else, at her request."""
    with_app(armed)
    other = armed.joined("A-2", email="albert@example.org", phone="06 98 76 54 32")
    phone = Phone(armed, other)
    codes = other.security.confirm_app(phone.code())
    asked = armed.asked()
    for typed in (phone.next_code(), codes[0]):
        with pytest.raises(CodeRefused):
            armed.vault.confirm_code(asked.challenge, typed)

    assert armed.vault.confirm_code(armed.asked("albert@example.org").challenge, codes[0])


def test_nothing_of_a_factor_lies_in_clear(armed):
    """Neither the secret nor a recovery code is found in any column of any table, in any letter or event."""
    session, phone, codes = with_app(armed)
    armed.vault.confirm_code(armed.asked().challenge, codes[0])
    secret = base64.b32decode(phone.secret)
    with raw_at(armed.url) as raw:
        stored = b"\n".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for rows in raw.everything().values()
            for row in rows
            for value in row.values()
        )
    armed.post()
    told = "".join(letter.text + str(dict(letter.context)) for letter in armed.courier.letters)
    told += "".join(str(event) for event in session.safe.history().items)

    for one in (phone.secret, *codes, *(code.replace("-", "") for code in codes)):
        assert one.encode() not in stored
        assert one not in told
    assert secret not in stored
