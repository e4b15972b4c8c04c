"""The deployer's documents: what they tell is what this vault is."""

import datetime as dt
import pathlib
import subprocess
import sys
import tomllib
from importlib import resources

import attrs
import pytest

import kit
from describing_kit import DAY, DOCUMENTS, UNUSUAL, both, in_memory, table, written
from mycvault import (
    KeysUnavailable,
    LegalProfile,
    LocalKeys,
    Policy,
    RecordDamaged,
    Retention,
    SecondFactor,
    Vault,
)
from mycvault.locales import deployer
from mycvault.stories import describing
from mycvault.values.actors import OPERATOR
from mycvault.values.verbs import QUIET, Verb

SPECS = pathlib.Path(__file__).parent.parent / "docs" / "spec"


def test_every_database_is_told(house):
    """The technical file names the kind of database, and both documents are written on either."""
    kinds = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    installed = dict(table(house.vault.upkeep.technical_file(), "Installation")[1:])

    assert installed["Base de données"] == kinds[house._engine.dialect.name]
    assert installed["Stockage des contenus"] == "`LocalBlobs`"
    assert "État au 5 octobre 2026" in house.vault.upkeep.information_notice()


@both
def test_the_civil_day_is_the_laws(lite, document):
    """Half an hour before midnight in London it is another year in Paris."""
    lite.clock.moment = dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)

    assert "État au 1er janvier 2027, établi par le logiciel mycvault" in written(
        lite.vault, document
    )


@pytest.mark.parametrize(
    "fact",
    [
        "valable 11 jours",
        "valable 97 jours",
        "23 jours plus tard",
        "vient plus tôt est refusé",
        "3\u00a0145\u00a0728 octets (3 Mio)",
        "y reste 17 jours",
        "Un code vaut 9 minutes. Essais permis en",
        "après 41 minutes, et toute session après 13 heures",
        "moins de 7 minutes",
        "argon2id (64 Kio, 1 passe, 1 voie)",
        "| par défaut | 51 ans | 77 ans |",
    ],
)
def test_the_notice_tells_the_policy_that_is(fact):
    """Each limit of a policy of one's own stands in the notice, and the usual policy says something else."""
    with in_memory(UNUSUAL) as vault, in_memory(Policy()) as usual:
        assert fact in vault.upkeep.information_notice()
        assert fact not in usual.upkeep.information_notice()


@pytest.mark.parametrize(
    ("second_factor", "notice", "file"),
    [
        (SecondFactor.ALWAYS, "À chaque connexion, un code à 6 chiffres", "puis toujours un code"),
        (
            SecondFactor.WHEN_AVAILABLE,
            "si vous avez prouvé un numéro",
            "sinon le mot de passe seul",
        ),
        (SecondFactor.NEVER, "aucun code ne le suit", "mot de passe, sans code"),
    ],
)
def test_the_second_step_is_told_as_it_is_configured(second_factor, notice, file):
    """A sent code is two steps and never called a factor; without one the password is said to be alone."""
    with in_memory(attrs.evolve(Policy.for_tests(), second_factor=second_factor)) as vault:
        told, filed = (written(vault, document) for document in DOCUMENTS)

    assert notice in told
    assert file in filed
    assert "aucun code envoyé ne le remplace" in told
    assert "Quand le titulaire en a une, aucun code envoyé ne la remplace" in filed
    assert ("SMS" in told) is (second_factor is not SecondFactor.NEVER)
    assert ("deux étapes" in told) is (second_factor is not SecondFactor.NEVER)
    shortest = "15" if second_factor is SecondFactor.NEVER else "12"
    assert f"a au moins {shortest} caractères" in told


@pytest.mark.parametrize("policy", [Policy(), UNUSUAL])
def test_every_limit_is_in_the_table(policy):
    """Each field of the policy stands there by its path, with its value, but for what says where the service is."""
    with in_memory(policy) as vault:
        rows = table(vault.upkeep.technical_file(), "Limites de la configuration")[1:]
    limits = dict(describing._limits(policy))

    assert [row[1:] for row in rows] == [
        [f"`{name}`", deployer.said(value)] for name, value in limits.items()
    ]
    top = {name.partition(".")[0] for name in limits}
    fields = {field.name for field in attrs.fields(Policy)}
    assert fields - top == {"urls", "letters", "issuer", "legal"}


def test_every_limit_has_its_words_and_no_words_are_left():
    """A limit that is added to the policy asks for its French, and one that goes takes it away."""
    source = resources.files("mycvault.locales").joinpath("fr", "deployer", "words.toml")
    words = tomllib.loads(source.read_text(encoding="utf-8"))["limit"]

    def paths(found, path=""):
        for name, value in found.items():
            deeper = isinstance(value, dict)
            yield from paths(value, f"{path}{name}.") if deeper else [path + name]

    assert set(paths(words)) == {name for name, _ in describing._limits(Policy())}


def test_employers_choices_are_counted_and_not_named(house):
    """Those that chose differently are told by their years; the others have the policy's."""
    for number, retention in enumerate(
        [Retention(years=60), Retention(years=60), Retention(years=0, until_age=75), None]
    ):
        employer = house.vault.add_employer(f"Firm number {number}", reference=f"firm-{number}")
        if retention is not None:
            employer.amend_self(retention=retention)

    chosen = table(house.vault.upkeep.technical_file(), "Durées choisies par les employeurs")
    notice = house.vault.upkeep.information_notice()

    assert chosen[1:] == [
        ["par défaut", "50 ans", "—", "2"],
        ["choix propre", "0 an", "75 ans", "1"],
        ["choix propre", "60 ans", "—", "2"],
    ]
    assert "| choix propre | 60 ans | — |" in notice
    assert "Firm" not in notice


def test_all_employers_are_counted(lite):
    """More of them than are listed at once."""
    for number in range(describing._AT_ONCE + 1):
        lite.vault.add_employer("Firm", reference=f"firm-{number}")

    assert ["Employeurs", "102"] in table(lite.vault.upkeep.technical_file(), "Installation")


@both
def test_terms_change_what_is_told(house, document):
    """None are said to be none; published ones are told by version, language, day and digest."""
    before = written(house.vault, document)
    french = house.vault.publish_terms("2026-10", "Vos documents sont à vous.")
    english = house.vault.publish_terms("2026-10", kit.TERMS, locale="en")
    after = written(house.vault, document)

    assert "Aucune condition d'utilisation n'est publiée" in before
    assert "Aucune condition d'utilisation n'est publiée" not in after
    for terms in (french, english):
        row = f"| 2026-10 | {terms.locale} | 5 octobre 2026 | `{terms.sha256}` |"
        assert row in after
        assert terms.text not in after


def test_every_verb_is_told_once():
    """What the journal records and what it does not is the table the calls themselves obey."""
    with in_memory() as vault:
        rows = table(
            vault.upkeep.technical_file(),
            "2° Traçabilité et accès de l'utilisateur à cette traçabilité",
        )

    told = {code.strip("`"): recorded.startswith("oui") for _, code, recorded in rows[1:]}
    assert told == {verb.value: verb not in QUIET for verb in Verb}
    assert len(rows) == 1 + len(Verb)


def test_every_stored_format_is_listed():
    """The specifications are those of the documentation."""
    with in_memory() as vault:
        rows = table(vault.upkeep.technical_file(), "Formats enregistrés et remis")[1:]

    assert {name.strip("`") for name, _ in rows} == {path.name for path in SPECS.glob("*.md")}


def test_the_law_is_the_one_in_force(lite):
    """A later profile counts from its day; another country's law is told without French articles."""
    later = LegalProfile(
        country="FR", zone="Europe/Paris", valid_from=dt.date(2027, 1, 1), notice_months=2
    )
    policy = attrs.evolve(
        Policy.for_tests(), legal=attrs.evolve(lite.vault.policy.legal, successor=later)
    )
    abroad = LegalProfile(country="BE", zone="Europe/Brussels", kept=frozenset())
    with in_memory(policy, clock=lite.clock) as vault:
        today = table(vault.upkeep.technical_file(), "Profil légal")
        lite.clock.advance(100 * DAY)
        tomorrow = vault.upkeep.information_notice()
    with in_memory(attrs.evolve(policy, legal=abroad)) as vault:
        elsewhere = "".join(written(vault, document) for document in DOCUMENTS)

    assert ["Profil suivant, à compter du", "1er janvier 2027", "—"] in today
    assert ["En vigueur depuis", "1er janvier 2017", "—"] in today
    assert "informe 2 mois avant" in tomorrow
    assert "D3243" not in elsewhere
    assert "BE, fuseau Europe/Brussels" in elsewhere


def test_a_remote_store_is_told_by_its_protocol(tmp_path):
    """Class and protocol, and nothing of its address."""
    records = f"sqlite:///{tmp_path}/records.sqlite3"
    address = f"memory://bucket-of-acme/{tmp_path.name}"
    made = Vault.create(
        address, keys=LocalKeys.ephemeral(), records=records, policy=Policy.for_tests()
    )
    with made as vault:
        text = vault.upkeep.technical_file()

    assert "| Stockage des contenus | `FsspecBlobs`, protocole `memory` |" in text
    assert "bucket-of-acme" not in text
    assert tmp_path.name not in text


def test_without_an_installed_package_no_version_is_invented():
    """A copy beside the host's own code says that its version is not known."""
    with in_memory() as vault, vault._desk.call(Verb.DESCRIBE, by=OPERATOR) as call:
        service = attrs.evolve(describing._service(call), version=None)

    assert "mycvault (version non renseignée)" in describing._write("information_notice", service)


# ------------------------------------------------------------------ a quiet call


@both
def test_describing_writes_no_event(house, document):
    """Nothing is changed and nothing new is said of anybody."""
    before = house.events()
    written(house.vault, document)

    assert house.events() == before


@both
def test_a_damaged_row_is_refused_and_in_the_journal(house, document):
    """Terms that somebody edited in the database are not told as if they were published."""
    house.vault.publish_terms("1", "Text.")
    house.run("UPDATE mycvault_terms SET sha256 = :other", other="0" * 64)

    with pytest.raises(RecordDamaged):
        written(house.vault, document)
    assert house.last_event() == ("describe", "record-damaged")


def test_a_key_provider_that_is_gone_stops_only_the_technical_file(tmp_path):
    """The notice asks nothing of it."""
    keys = LocalKeys.generate(tmp_path / "keyring")
    with kit.make_vault(tmp_path / "vault", None, keys=keys) as vault:
        (tmp_path / "keyring").unlink()

        with pytest.raises(KeysUnavailable):
            vault.upkeep.technical_file()
        assert vault.upkeep.information_notice().startswith("# Notice d'information\n")


def test_the_key_provider_is_asked_outside_transactions(tmp_path):
    """It may be a KMS on the other side of a network."""

    class Provider(kit.UnhurriedKeys):
        def current(self):
            self._check()
            return self.slow.current()

    keys = Provider(LocalKeys.ephemeral())
    with kit.make_vault(tmp_path / "vault", None, keys=keys) as vault:
        keys.vault, keys.calls = vault, 0
        text = vault.upkeep.technical_file()

    assert keys.calls == 1
    assert f"| Clé racine en usage | `{keys.slow.current()}` |" in text


def test_opening_a_vault_loads_no_template_engine():
    """Whoever writes a document pays for it, nobody else."""
    told = """
from mycvault import Policy, Vault
import sys
vault = Vault.in_memory(policy=Policy.for_tests())
before = "jinja2" in sys.modules
vault.upkeep.information_notice()
print(before, "jinja2" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "True"]
