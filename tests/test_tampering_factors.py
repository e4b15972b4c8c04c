"""What a row that is not there must not do: spare a code, free a number, forget a try. A seal cannot tell of a deleted row."""

import pytest

import kit
from attack_kit import TABLES, raw_at
from mycvault import CodeRequired, MycvaultError, Policy


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
