"""
Hashes of other systems: what is read, what is refused before anything is hashed, what is made anew.

Every vector was made by the system it is named after (tests/vectors/make_foreign.py); `test_adopted_matrix.py` makes new ones.
"""

import pathlib
import sys
import time
import tomllib

import attrs
import pytest

import foreign_kit
from mycvault import InvalidInput, Policy, SetupError
from mycvault.crypto import foreign
from mycvault.crypto.passwords import Hasher
from mycvault.errors import RecordDamaged
from mycvault.policy import PasswordPolicy

VECTORS = tomllib.loads(
    (pathlib.Path(__file__).parent / "vectors/foreign_hashes.toml").read_text()
)["hash"]
PLAIN = {one["maker"]: one["made"] for one in VECTORS if one["typed"] == "plain"}
PASSWORD = foreign_kit.TYPED["plain"]
SALT, TAG = "c29tZXNhbHRzb21l", "A" * 43


def argon2(memory=64, passes=1, lanes=1, *, kind="id", salt=SALT, tag=TAG):
    return f"$argon2{kind}$v=19$m={memory},t={passes},p={lanes}${salt}${tag}"


def hasher(**costs):
    return Hasher(attrs.evolve(Policy.for_tests().passwords, **costs))


def refused(made):
    with pytest.raises(InvalidInput) as error:
        foreign.adoptable(made)
    assert error.value.field == "password_hash"
    assert error.value.__cause__ is None
    return error.value


# ------------------------------------------------------------------ what is read


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: f"{one['maker']}, {one['typed']}")
def test_a_hash_is_matched_by_its_password_alone(vector):
    """The password as it was typed there, or in NFC; no other."""
    foreign_kit.judge(foreign_kit.Sample(**vector))


def test_every_kind_of_hash_has_vectors():
    """No maker without its vectors."""
    assert PLAIN.keys() == foreign_kit.MAKERS.keys()


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
def test_bcrypt_cuts_a_long_password_as_the_old_system_did(prefix):
    """Whatever bcrypt's version says to more than 72 bytes; a digested one is not cut."""
    long = foreign_kit.TYPED["long"]
    made = foreign_kit.MAKERS[f"bcrypt {prefix}"](long)
    (digested,) = [
        v["made"] for v in VECTORS if v["maker"] == "Django bcrypt_sha256" and v["typed"] == "long"
    ]

    assert hasher().matches(made, long + "more")
    assert hasher().matches(made, long.encode()[:72].decode())
    assert not hasher().matches(made, long.encode()[:71].decode())
    assert not hasher().matches(digested, long + "more")


def test_an_empty_password_is_nobodys():
    """It stands for one too long to be judged: not even a hash of nothing matches it."""
    made = foreign_kit.MAKERS["SSHA"]("")

    assert not hasher().matches(made, "")


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    "made",
    [
        argon2(memory=8 * 1024 * 1024),
        argon2(passes=11),
        argon2(memory=65536, lanes=65),
        argon2(memory=9999999999),
        "argon2" + argon2(memory=8 * 1024 * 1024),
        "pbkdf2_sha256$1000000000$salt$" + "A" * 43 + "=",
        "$pbkdf2-sha512$1000000000$c2FsdA$" + "A" * 86,
        "$pbkdf2-sha512$5000001$c2FsdA$" + "A" * 86,
        "pbkdf2:sha256:1000000000$salt$" + "0" * 64,
        "scrypt:1073741824:8:1$salt$" + "0" * 128,
        "scrypt:1024:8:100000$salt$" + "0" * 128,
        "scrypt:1024:99999999:1$salt$" + "0" * 128,
        "scrypt$1073741824$salt$8$1$" + "A" * 86 + "==",
        "$scrypt$ln=31,r=8,p=1$c2FsdA$" + TAG,
        "$scrypt$ln=16,r=9999999999,p=1$c2FsdA$" + TAG,
        "$2b$17$" + "." * 53,
        "bcrypt_sha256$$2b$31$" + "." * 53,
    ],
)
def test_a_hash_that_asks_too_much_is_refused_before_any_work(made):
    """At import, and again where a row says so: at once, whatever it would have cost."""
    start = time.perf_counter()
    assert refused(made).reason == "costly"
    with pytest.raises(RecordDamaged):
        hasher().matches(made, PASSWORD)

    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    "made",
    [
        "",
        "secret",
        "!",
        "!" + "A" * 40,
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "{CLEARTEXT}secret",
        "{SSHA}",
        "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
        "$6$rounds=5000$salt$" + "A" * 86,
        "$2x$10$" + "." * 53,
        "$2b$03$" + "." * 53,
        "$2b$10$" + "." * 52,
        "$2b$10$" + "." * 21 + "z" + "." * 31,
        "md5$salt$" + "0" * 32,
        "sha256$salt$" + "0" * 64,
        "unsalted_md5$$" + "0" * 32,
        "plain:secret",
        argon2(kind="d"),
        argon2(memory=8, lanes=2),
        argon2(passes=0),
        argon2(salt="c2FsdA"),
        argon2(tag="AAAAAA"),
        argon2(tag="A" * 42 + "B"),
        argon2(tag="A" * 41),
        argon2() + "\n",
        argon2().replace("m=64", "m=٦٤"),
        argon2(salt="A" * 600),
        "$pbkdf2-sha512$25000$c2FsdA",
        "$pbkdf2-sha512$25000$c2FsdA$" + "A" * 85,
        "$pbkdf2-sha512$-1$c2FsdA$" + "A" * 86,
        "pbkdf2:md5:1000$salt$" + "0" * 32,
        "pbkdf2:sha256:1000$salt$" + "0" * 62,
        "pbkdf2:sha256:1000$$" + "0" * 64,
        "scrypt:1000:8:1$salt$" + "0" * 128,
        "scrypt:1:8:1$salt$" + "0" * 128,
        "$scrypt$ln=4,r=8,p=1$c2FsdA",
        None,
        b"$2b$04$" + b"." * 53,
        12,
    ],
)
def test_what_is_not_on_the_list_is_no_hash(made):
    """Unsalted, unknown, cut, padded or no text: refused in words that do not repeat it."""
    error = refused(made)

    assert error.reason == "malformed"
    assert not made or str(made) not in str(error) + error.message("en") + repr(error)


@pytest.mark.parametrize("library", ["bcrypt", "passlib", "passlib.hash"])
def test_what_is_not_installed_is_named(monkeypatch, library):
    """The deployer is told what to install; everything else goes on."""
    monkeypatch.setitem(sys.modules, library, None)
    if library == "passlib.hash":
        monkeypatch.delattr("passlib.hash", raising=False)
    made = PLAIN["bcrypt $2b$" if library == "bcrypt" else "Odoo"]
    with pytest.raises(SetupError, match=library.partition(".")[0]):
        foreign.adoptable(made)

    assert foreign.adoptable(PLAIN["Django argon2"])
    assert foreign.adoptable(PLAIN["Werkzeug scrypt"])


@pytest.mark.parametrize("costs", [{"memory_kib": 2**21}, {"passes": 11}, {"lanes": 65}])
def test_a_policy_asks_for_no_hash_that_is_never_verified(costs):
    """The bounds of stored hashes are the policy's own."""
    with pytest.raises(InvalidInput) as error:
        PasswordPolicy(**costs)

    assert (error.value.field, error.value.reason) == (*costs, "costly")


# ------------------------------------------------------------------ what is made anew


@pytest.mark.parametrize("maker", PLAIN)
def test_every_other_hash_becomes_ours(maker):
    """Argon2id of the present version, once; ours again is as good as the policy asks."""
    ours = hasher()
    made = ours.renewed(PLAIN[maker], PASSWORD)
    if maker == "argon2id":
        assert made is None
        return

    assert made.startswith("$argon2id$v=19$")
    assert ours.matches(made, PASSWORD)
    assert ours.renewed(made, PASSWORD) is None


@pytest.mark.parametrize(
    ("stored", "anew"),
    [
        ({"memory_kib": 256, "passes": 2}, None),
        ({"memory_kib": 1024, "passes": 4}, None),
        ({"memory_kib": 1024, "passes": 4, "lanes": 2}, None),
        ({"memory_kib": 128, "passes": 2}, (256, 2)),
        ({"memory_kib": 256, "passes": 1}, (256, 2)),
        ({"memory_kib": 1024, "passes": 1}, (1024, 2)),
        ({"memory_kib": 128, "passes": 5}, (256, 5)),
    ],
)
def test_costs_only_rise(stored, anew):
    """A hash is made anew when one cost is below the policy's; none falls below what it was."""
    ours = hasher(memory_kib=256, passes=2)
    made = ours.renewed(hasher(**stored).hash(PASSWORD), PASSWORD)

    assert (made and foreign.costs(made)) == (anew and foreign.Costs(*anew))
    assert made is None or ours.matches(made, PASSWORD)


def test_a_good_hash_of_another_unicode_form_is_made_anew_in_nfc():
    """It is strong enough, but only the keyboard it was typed on would match it; as strong as it was."""
    typed, composed = foreign_kit.TYPED["decomposed"], foreign_kit.TYPED["composed"]
    theirs = hasher(memory_kib=512, passes=3)
    ours = hasher()
    made = ours.renewed(theirs.hash(typed), typed)

    assert foreign.costs(made) == foreign.Costs(512, 3)
    assert ours.matches(made, composed)
    assert ours.matches(made, typed)
    assert ours.renewed(made, typed) is None
