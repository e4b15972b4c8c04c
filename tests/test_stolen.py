"""
A thief has the database and the bucket, and no keyring: he reads nothing, and learns from equality no more than is documented.

Documented: two rows about the same proved address in one vault are one identifier; a matricule or reference is equal within one
employer. What HR's own key would open, were it stolen too, is written down here as well.
"""

import base64
import pathlib

import pytest
from sqlalchemy import LargeBinary

import kit
from attack_kit import TABLES, raw_at
from attack_town import PASSWORDS, Town
from mycvault import LocalKeys, MycvaultError, Policy, Vault, WrongKeys

SAID = ["Dora", "Exemple", "zelie@", "albert@", "camille@", "+3361234", "Title one", "for the bank"]
SAID += ["kept for the lawyer", "Acme SAS", "Globex", "732829320", "A note of her own", "%PDF-"]


@pytest.fixture
def stolen(request, tmp_path, records_url):
    town = Town(records_url)
    with raw_at(records_url) as raw:
        yield town, raw


def loot(raw, town):
    """Give everything the thief holds, as bytes: each cell and each blob."""
    for table, rows in raw.everything().items():
        for row in rows:
            for name, value in row.items():
                if value is not None:
                    yield f"{table.name}.{name}", value
    for key in town.blobs.scan():
        yield "a blob", town.blobs.get(key)


def test_nothing_said_of_anybody_is_read(stolen):
    """No name, address, number, title, label, password, code or token lies there in any usual writing."""
    town, raw = stolen
    secrets = [*PASSWORDS.values(), *town.links.values(), *town.sessions.values()]
    secrets += [challenge for challenge, _ in town.codes.values()]
    needles = [form for text in (*SAID, *secrets) for form in forms(text)]

    found = [
        place
        for place, value in loot(raw, town)
        if any(
            needle in (value if isinstance(value, bytes) else str(value).encode())
            for needle in needles
        )
    ]

    assert found == []


def forms(text: str) -> list[bytes]:
    raw = text.encode()
    return [
        raw,
        raw.hex().encode(),
        base64.b64encode(raw).rstrip(b"=")[:-1],
        text.encode("utf-16-le"),
    ]


def test_another_keyring_opens_nothing(stolen):
    """With a keyring of his own the thief does not even open the vault."""
    town, _ = stolen
    town.keys = LocalKeys.ephemeral()

    with pytest.raises(WrongKeys):
        town.opened()


def test_equality_tells_no_more_than_is_documented(stolen):
    """No sealed, wrapped or digested value of the whole database occurs twice."""
    _, raw = stolen
    seen = {}
    for table in TABLES.values():
        for row in raw.rows(table):
            for column in table.c:
                if isinstance(column.type, LargeBinary) and row[column.name] is not None:
                    place = f"{table.name}.{column.name}"
                    seen.setdefault(bytes(row[column.name]), []).append(place)

    assert {tuple(places) for places in seen.values() if len(places) > 1} == set()


@pytest.fixture
def house(tmp_path, records_url):
    with kit.house_at(tmp_path, records_url) as house:
        house.globex = house.vault.add_employer("Globex SARL", reference="globex", urls=kit.URLS)
        yield house


def column(house, query):
    return [None if row[0] is None else bytes(row[0]) for row in house.rows(query)]


def test_two_employers_of_one_matricule_look_different(house):
    """The same matricule at two employers has two indexes."""
    house.enrolled("A-1")
    house.globex.enrol("A-1", given_name="Zélie", family_name="Exemple")

    assert len(set(column(house, "SELECT matricule_index FROM mycvault_employees"))) == 2


def test_two_employers_of_one_mailbox_look_different(house):
    """Nobody sees from the links that two employers invited the same mailbox."""
    house.enrolled("A-1")
    house.globex.enrol("G-1", given_name="Zélie", family_name="Exemple", email=kit.EMAIL)
    house.acme.invite("A-1")
    house.globex.invite("G-1")

    indexes = column(house, "SELECT sent_to FROM mycvault_links")

    assert (len(indexes), len(set(indexes))) == (2, 2)


def test_the_same_document_twice_looks_like_two(house):
    """The same bytes, for two people or for one, have different blobs, keys, digests and indexes."""
    house.enrolled("A-1")
    house.enrolled("A-2")
    for matricule, reference in (("A-1", "one"), ("A-1", "two"), ("A-2", "one more")):
        house.acme.deposit(matricule, kit.pdf(), kind="payslip", title="Same", reference=reference)
    blobs = [path.read_bytes() for path in (house.folder / "blobs").rglob("*") if path.is_file()]

    for name in ("sha256", "title", "reference", "reference_index"):
        assert len(set(column(house, f"SELECT {name} FROM mycvault_documents"))) == 3
    assert len(set(blobs)) == 3
    assert len({blob[: len(blob) // 2] for blob in blobs}) == 3


def test_hr_asks_and_is_given_no_content(house):
    """No call of an employer's door gives bytes, titles, or the safe; its own key is not enough for a joined safe."""
    session = house.joined("A-1")
    house.acme.deposit("A-1", kit.pdf(), kind="payslip")
    safe_keys = house.vault._desk.keys
    employer_key = safe_keys.held(house.acme._record.id)
    with house.vault._desk.rows({}, writing=False) as rows:
        (held,) = rows.values(TABLES["safes"].select())
        rows.ring.ready([held[0]])
    with house.vault._desk._personal.reading() as connection:
        wrapped = connection.execute(TABLES["personal_keys"].select()).all()

    assert session.safe.count() == 1
    assert employer_key.id not in {one.wrapped_by for one in wrapped if one.id == held[0]}
    for one in wrapped:
        with pytest.raises(MycvaultError):
            safe_keys.opened(one, employer_key)


def test_the_wrap_an_employer_leaves_is_gone_from_the_disk(tmp_path):
    """Once she joined, the bytes that her safe's key was wrapped in under her employer's lie in no file any more."""
    folder = tmp_path / "vault"
    keys = LocalKeys.ephemeral()
    with Vault.create(folder, keys=keys, policy=Policy.for_tests()) as vault:
        acme = vault.add_employer("Acme SAS", reference="acme")
        acme.enrol("A-1", given_name="Zélie", family_name="Exemple", email="z@example.org")
        with vault._desk._personal.reading() as connection:
            (before,) = connection.execute(TABLES["personal_keys"].select()).all()
        assert before.wrapped in everything_in(folder)

        vault.joining.complete(
            acme.invite("A-1").token.reveal(),
            password=kit.PASSWORD,
            given_name="Zélie",
            family_name="Exemple",
            email="z@example.org",
        )

        still_there = before.wrapped in everything_in(folder)

    assert not still_there


def everything_in(folder: pathlib.Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("keys"))


def test_key_files_are_their_owners_alone(tmp_path):
    """Both databases of a local vault, and what SQLite keeps beside them, are no one else's to read."""
    folder = tmp_path / "vault"
    folder.mkdir(mode=0o755)
    with Vault.create(folder, keys=LocalKeys.ephemeral(), policy=Policy.for_tests()) as vault:
        vault.add_employer("Acme SAS", reference="acme")
        modes = {p.name: p.stat().st_mode & 0o077 for p in folder.glob("*.sqlite3*")}

    assert modes.keys() >= {"records.sqlite3", "keys.sqlite3"}
    assert {name for name, mode in modes.items() if mode} == set()
