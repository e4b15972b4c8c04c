"""The deployer's documents: nothing of a person, no secret, no claim, and one shape whatever a value holds."""

import datetime as dt
import pathlib
import re

import attrs
import pytest

import kit
from describing_kit import DOCUMENTS, HOSTILE, UNUSUAL, both, in_memory, shape, tables, written
from mycvault import Journal, LocalKeys, Policy, Safe, Security, Vault
from mycvault.locales import deployer
from mycvault.storage.blobs.memory import MemoryBlobs


@both
def test_nothing_of_a_person_and_no_secret_is_told(tmp_path, records_url, document):
    """Names, addresses, places, portal addresses, templates and key material are searched for."""
    keys = LocalKeys.generate(tmp_path / "hidden-keyring")
    templates = tmp_path / "hidden-templates"
    templates.mkdir()
    policy = attrs.evolve(Policy.for_tests(), urls=kit.URLS, letters=str(templates))
    with kit.house_at(tmp_path, records_url, policy=policy, keys=keys) as house:
        session = house.joined()
        house.vault.publish_terms("2026-10", "The text of the terms.")
        house.acme.deposit("A-0042", kit.pdf(), kind="payslip", title="A title of hers")
        text = written(house.vault, document).casefold()
        planted = [
            *(kit.GIVEN, kit.FAMILY, kit.EMAIL, kit.PHONE, kit.PHONE_E164, kit.PASSWORD, "A-0042"),
            *("Acme", "A title of hers", "The text of the terms", "safe.example.org", "hidden"),
            *(str(tmp_path), tmp_path.name, records_url, records_url.rpartition("/")[2]),
            *(session.id, session.account_id, session.token.reveal(), house.acme._record.id),
            *re.findall(r"[\w-]{43}", pathlib.Path(tmp_path / "hidden-keyring").read_text()),
        ]

    assert [one for one in planted if one.casefold() in text] == []
    assert "://" not in text
    assert "modèles de l'exploitant" in text or document == "information_notice"


@both
def test_facts_are_stated_and_nothing_is_claimed(document):
    """No word that vouches for the service; conformity is named once, where it is not claimed."""
    with in_memory() as vault:
        text = written(vault, document).casefold()

    assert [
        word for word in ("conforme", "certifi", "garanti", "agréé", "homologu") if word in text
    ] == []
    assert text.count("conformité") == text.count("n'affirme aucune conformité") == 1


@pytest.mark.parametrize(
    ("door", "verb"),
    [
        (Security, "enrol_key"),
        (Safe, "share"),
        (Safe, "proof"),
        (Journal, "seal"),
    ],
)
def test_what_is_said_not_to_be_there_is_not_there(door, verb):
    """Whoever adds one of these changes what the documents say of it."""
    assert not hasattr(door, verb)


def test_a_forgotten_password_is_told_of_as_it_is():
    """Both documents say how it is replaced, and for how long its link is good."""
    policy = attrs.evolve(Policy.for_tests(), recovery_lifetime=dt.timedelta(minutes=47))
    with Vault.in_memory(policy=policy) as vault:
        for document in DOCUMENTS:
            said = re.findall(".*mot de passe oublié.*", written(vault, document), re.IGNORECASE)
            assert any("47 minutes" in one for one in said)


# ------------------------------------------------------------------ one shape


@both
@pytest.mark.parametrize("policy", [Policy(), UNUSUAL])
def test_the_markdown_is_well_formed(document, policy):
    """One title, tables of equal columns set apart by empty lines, nothing left of the template."""
    with in_memory(policy) as vault:
        vault.publish_terms("1", "Text.")
        text = written(vault, document)

    assert len(re.findall("^# ", text, re.MULTILINE)) == 1
    assert all(len({len(row) for row in found}) == 1 for found in tables(text))
    assert all(all(cell for cell in row) for found in tables(text) for row in found)
    assert not re.search("{{|}}|{%|%}|{#|None|Undefined|timedelta", text)
    assert not re.search(r"^[^|\n].*\n\||^\|.*\n[^|\n]", text, re.MULTILINE)
    assert "\n\n\n" not in text
    assert not re.search(r"[ \t]$", text, re.MULTILINE)


@both
def test_french_spaces_do_not_break(document):
    """No ordinary space before a high mark or inside guillemets, and none is missing."""
    with in_memory() as vault:
        text = re.sub("`[^`]*`|^\\|[-|]+$", "", written(vault, document), flags=re.MULTILINE)

    assert re.findall("[^\u00a0][:;!?»]|«[^\u00a0]", text) == []


@both
def test_hostile_values_change_no_shape(tmp_path, document):
    """An employer's name, a version of terms, a country, a key and a class in marks leave every line what it was."""

    class Provider(kit.UnhurriedKeys):
        def current(self):
            return HOSTILE

    def made(version, name, keys, **legal):
        policy = Policy.for_tests()
        changed = attrs.evolve(policy, legal=attrs.evolve(policy.legal, **legal))
        with Vault.create(MemoryBlobs(), keys=keys, records="sqlite://", policy=changed) as vault:
            vault.add_employer(name, reference=name)
            vault.publish_terms(version, "Text.")
            return written(vault, document)

    Provider.__name__ = HOSTILE
    usual = made("2026-10", "Acme", LocalKeys.ephemeral(), country="BE")
    hostile = made(HOSTILE, HOSTILE, Provider(LocalKeys.ephemeral()), country=HOSTILE)

    if document == "technical_file":
        # The line of a local keyring's passphrase stands only beside a local keyring.
        usual = re.sub(r"^\| Trousseau local.*\n", "", usual, flags=re.MULTILINE)
    assert shape(hostile) == shape(usual)
    assert deployer.inert(HOSTILE) in hostile
    assert "<b>" not in hostile
    assert "{{" not in hostile
