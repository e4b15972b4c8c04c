"""
The whole journey on both databases: from an empty folder to a filed payslip, with nothing slow inside a transaction.

Afterwards, while the vault is still open, everything at rest is searched for what must not lie there in clear.
"""

import base64
import pathlib

from sqlalchemy import create_engine, inspect, text

import kit
from mycvault import Assurance, Channel, LocalKeys, MemoryCourier, Need, Policy, Vault
from mycvault.storage.blobs.local import LocalBlobs

MARK = "Salaire net de Zelie: 2 345,67"
TITLE = "Bulletin d'octobre, prime comprise"
LABEL = "for the bank"
NOTE = b"My own note about the flat in Exempleville.\n"


def test_from_an_empty_folder_to_a_filed_payslip(house):
    """She is enrolled, invited, arrives, signs in, and finds her payslip as it was deposited."""
    content = kit.pdf(mark=MARK)
    house.vault.publish_terms("2026-10", kit.TERMS, locale="en")
    house.enrolled()
    token = house.invited_token()
    welcome = house.vault.joining.look_up(token)
    first = house.activated(token=token)
    receipt = house.acme.deposit("A-0042", content, kind="payslip", period="2026-10", title=TITLE)
    second = house.signed_in()

    (payslip,) = second.safe.payslips()
    with second.safe.open(payslip.id) as stream:
        read = stream.read()

    assert welcome.needs == {Need.PASSWORD, Need.IDENTITY, Need.TERMS, Need.CODE}
    assert welcome.phone == "+33 6 •• •• •• 78"
    assert first.assurance is Assurance.TWO_STEP
    assert first.holder.emails == (kit.EMAIL,)
    assert first.holder.phone == kit.PHONE_E164
    assert read == content
    assert (payslip.id, payslip.title, payslip.size) == (receipt.document_id, TITLE, len(content))
    assert (payslip.employer, payslip.employer_name) == ("acme", "Acme SAS")
    assert second.employments[0].matricule == "A-0042"


def test_nothing_slow_works_inside_a_transaction(tmp_path, records_url):
    """Blobs, hasher, key provider and courier are used on the whole journey, and never while an act is open."""
    keys = kit.UnhurriedKeys(LocalKeys.ephemeral())
    blobs = kit.UnhurriedBlobs(LocalBlobs.create(tmp_path / "vault" / "blobs"))
    clock = kit.SettableClock()
    with Vault.create(
        blobs, keys=keys, records=records_url, policy=Policy.for_tests(), clock=clock
    ) as vault:
        keys.vault = blobs.vault = vault
        vault._desk.hasher = hasher = kit.UnhurriedHasher.before(vault._desk.hasher, vault)
        engine = create_engine(records_url)
        house = kit.House(vault, clock, engine, tmp_path / "vault")
        house.courier = courier = kit.UnhurriedCourier.before(MemoryCourier(), vault)
        courier.letters, courier.last = courier.slow.letters, courier.slow.last

        house.joined()
        house.acme.deposit("A-0042", kit.pdf(), kind="payslip", period="2026-10")
        house.acme.deposit("A-0042", kit.pdf(9 << 20), kind="contract")
        session = house.signed_in()
        for document in session.safe.documents():
            session.safe.check(document.id)
            session.safe.read(document.id)
        session.safe.add(NOTE, title="Note")
        vault.ping()
        engine.dispose()

    assert min(keys.calls, blobs.calls, hasher.calls, courier.calls) > 1


def test_nothing_lies_in_clear_while_the_vault_is_open(house):
    """No name, address, number, title, label, secret or text is found at rest, in any usual writing."""
    secrets = [kit.PASSWORD]
    house.vault.publish_terms("2026-10", kit.TERMS, locale="en")
    house.enrolled(birth_date=None)
    secrets.append(house.invited_token())
    house.vault.joining.send_code(secrets[-1])
    secrets.append(house.code())
    session = house.activated(token=secrets[1], code=secrets[2])
    secrets.append(session.token.reveal())
    house.acme.deposit(
        "A-0042", kit.pdf(mark=MARK), kind="payslip", title=TITLE, reference="run 77/0042"
    )
    house.vault.employer("acme", acting="clerk.exemple").deposit(
        "A-0042", kit.pdf(9 << 20, mark=MARK), kind="payslip"
    )
    asked = house.asked(caller=kit.HERE)
    secrets += [asked.challenge, house.code()]
    session = house.vault.confirm_code(asked.challenge, secrets[-1], caller=kit.HERE)
    own = session.safe.add(NOTE, title="Note of the flat")
    session.safe.label(own.id, LABEL)
    session.safe.rename(own.id, "Another name of the note")
    house.enrolled("A-0043", given_name="Ysé", email="waiting@example.org", phone=None)
    invitation = house.acme.invite("A-0043", activation_code=True)
    secrets += [invitation.token.reveal(), invitation.activation_code.reveal()]

    words = [
        *(kit.FAMILY, "Exemplaire", kit.EMAIL, "waiting@example.org", "zelie.exemplaire"),
        *("612345678", "06 12 34 56 78", "A-0042", "A-0043", TITLE, LABEL, "Note of the flat"),
        *("Another name of the note", "run 77/0042", "clerk.exemple", "Browser of the tests"),
        *("192.0.2.7", MARK, MARK[:12], NOTE.decode()[:20], "Exempleville", "Acme SAS", *secrets),
    ]
    found = [
        (place, word)
        for place, stored in at_rest(house)
        for word in words
        if len(word) > 5  # a number of six digits is found, one of five would be found by chance
        for form in forms(word)
        if form in stored
    ]

    assert found == []


def forms(word: str) -> set[bytes]:
    """Write *word* in the ways in which it may hide."""
    raw = word.encode()
    spellings = {raw, raw.hex().encode(), raw.hex().upper().encode(), word.encode("utf-16-le")}
    # Base64 of a text inside a longer one: three alignments, without the edges that neighbours change.
    for shift in range(3) if len(raw) > 8 else ():
        spellings.add(base64.b64encode(b"\0" * shift + raw)[4:-4])
    return spellings | {spelling.lower() for spelling in spellings if spelling == raw}


def at_rest(house) -> list[tuple[str, bytes]]:
    """Give every file of the vault, journals of SQLite included, and every value of its tables."""
    files = [path for path in house.folder.parent.rglob("*") if path.is_file()]
    found = [(path.name, path.read_bytes()) for path in files]
    assert house.blobs()
    if house._engine.dialect.name == "sqlite":
        assert any(path.name.endswith("-wal") and path.stat().st_size for path in files)
    for table in inspect(house._engine).get_table_names():
        with house._engine.connect() as connection:
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                found += [(table, _bytes(value)) for value in row if value is not None]
    return found


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def test_a_second_process_reads_what_the_first_wrote(tmp_path):
    """A vault opened again on the same folder knows the session and gives the same bytes."""
    keys, clock = LocalKeys.generate(tmp_path / "keyring"), kit.SettableClock()
    content = kit.pdf(mark=MARK)
    with kit.house_at(tmp_path, keys=keys) as house:
        token = house.joined().token.reveal()
        receipt = house.acme.deposit("A-0042", content, kind="payslip")

    folder: pathlib.Path = tmp_path / "vault"
    with Vault.open(folder, keys=LocalKeys.load(tmp_path / "keyring"), clock=clock) as again:
        read = again.resume(token).safe.read(receipt.document_id)

    assert read == content


def test_letters_reach_her_by_the_right_way(house):
    """The link comes by e-mail, the code by SMS, in the language of her record."""
    house.joined()
    asked = house.asked()

    code = house.post(kit.PHONE_E164)

    assert asked.channel is Channel.SMS
    assert (code.channel, code.to, code.subject) == (Channel.SMS, kit.PHONE_E164, "")
    sent = {letter.template: letter.channel for letter in house.courier.letters}
    assert sent == {
        "invitation": Channel.EMAIL,
        "activation-code": Channel.SMS,
        "activated": Channel.EMAIL,
        "sign-in-code": Channel.SMS,
    }
    assert all(letter.locale == "en" for letter in house.courier.letters)
