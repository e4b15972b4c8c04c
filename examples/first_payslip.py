"""
The first payslip: the whole journey, on disk, with nothing made up in between.

Usage: python examples/first_payslip.py [PAYSLIP.pdf]

A vault is made in a new temporary folder with its keyring elsewhere; an employee is enrolled, invited, opens her safe, receives
the payslip, signs in, files it. Then a second process opens the vault again and reads it. At the end the folder is searched for
everything that must not lie there in clear.
"""

import base64
import pathlib
import re
import subprocess
import sys
import tempfile
import zlib

from mycvault import LocalKeys, MemoryCourier, PortalUrls, Vault

HERE = pathlib.Path(__file__).parent
PASSWORD = "violet-harbour-lantern-27"
GIVEN_NAME, FAMILY_NAME = "Zélie", "Exemplaire-Dupré"
EMAIL, PHONE = "zelie.exemplaire@example.org", "06 12 34 56 78"
TITLE = "Bulletin d'octobre, prime comprise"


def say(step: str, told: str) -> None:
    print(f"{step:<12} {told}")


def main(payslip: pathlib.Path) -> None:
    content = payslip.read_bytes()
    with tempfile.TemporaryDirectory(prefix="mycvault-") as place:
        root = pathlib.Path(place)
        folder, keyring = root / "vault", root / "elsewhere" / "keyring"
        keyring.parent.mkdir(mode=0o700)
        token, document_id, secrets = live_through(folder, keyring, content)
        read_in_second_process(folder, keyring, token, document_id, payslip)
        search_for_plain_text(folder, content, secrets)


def live_through(
    folder: pathlib.Path, keyring: pathlib.Path, content: bytes
) -> tuple[str, str, list[str]]:
    """Go from an empty folder to an archived payslip."""
    courier = MemoryCourier()
    urls = PortalUrls(activate="https://safe.example.org/activate/{token}")
    with Vault.create(folder, keys=LocalKeys.generate(keyring)) as vault:
        say("vault", f"made in {folder.name}/, its keyring elsewhere")
        acme = vault.add_employer("Acme SAS", reference="acme", urls=urls)
        vault.publish_terms("2026-10", "Your safe is yours for fifty years.", locale="en")

        acme.enrol(
            "A-0042",
            given_name=GIVEN_NAME,
            family_name=FAMILY_NAME,
            email=EMAIL,
            phone=PHONE,
            locale="en",
        )
        acme.invite("A-0042")
        vault.outbox.deliver(courier)
        link = re.search(r"https://\S+/activate/(\S+)", courier.last(EMAIL).text)
        assert link is not None
        say("invited", f"a letter left for her: {courier.last(EMAIL).subject!r}")

        welcome = vault.joining.look_up(link[1])
        say("link", f"asks for {', '.join(sorted(welcome.needs))}; a code goes to {welcome.phone}")
        vault.joining.send_code(link[1])
        vault.outbox.deliver(courier)
        first_code = courier.last("+33612345678").context["code"]
        session = vault.joining.complete(
            link[1],
            password=PASSWORD,
            given_name="zelie",
            family_name="exemplaire dupre",
            email=EMAIL,
            accept_terms=welcome.terms.version if welcome.terms else None,
            code=first_code,
        )
        say("activated", f"{session.holder.given_name} is in her safe ({session.assurance.name})")
        session.end()

        receipt = acme.deposit("A-0042", content, kind="payslip", period="2026-10", title=TITLE)
        say("deposited", f"{receipt.size} bytes, SHA-256 {receipt.sha256[:16]}…")

        asked = vault.sign_in(EMAIL, PASSWORD)
        vault.outbox.deliver(courier)
        code = courier.last(template="sign-in-code").context["code"]
        session = vault.confirm_code(asked.challenge, code)
        say("signed in", f"password, then a code by {asked.channel} to {asked.sent_to}")

        (payslip,) = session.safe.payslips()
        with session.safe.open(payslip.id) as stream:
            assert stream.read() == content
        session.safe.label(payslip.id, "for the bank")
        session.safe.archive(payslip.id)
        (kept,) = session.safe.documents(archived=True, label="for the bank")
        say("filed", f"{kept.filename!r}, labelled {', '.join(kept.labels)!r}, archived")
        for event in reversed(session.safe.history(locale="en").items):
            say("  history", event.text)
    secrets = [PASSWORD, link[1], first_code, code, asked.challenge, session.token.reveal()]
    return session.token.reveal(), payslip.id, secrets


def read_in_second_process(
    folder: pathlib.Path, keyring: pathlib.Path, token: str, document_id: str, payslip: pathlib.Path
) -> None:
    """Open the vault in another process, resume the session, and compare the document byte for byte."""
    command = [
        sys.executable,
        __file__,
        "--read",
        str(folder),
        str(keyring),
        document_id,
        str(payslip),
    ]
    # The token goes through a pipe: what stands on a command line is seen by everybody on the machine.
    subprocess.run(command, input=token, text=True, check=True)


def read(folder: str, keyring: str, document_id: str, payslip: str) -> None:
    with Vault.open(folder, keys=LocalKeys.load(keyring)) as vault:
        session = vault.resume(sys.stdin.read())
        same = session.safe.read(document_id) == pathlib.Path(payslip).read_bytes()
    if not same:
        raise SystemExit("the document is not what was deposited")
    say("second", "another process resumed the session and read the same bytes")


def search_for_plain_text(folder: pathlib.Path, content: bytes, secrets: list[str]) -> None:
    """Search every file of the vault for what must not lie there in clear."""
    wanted = [
        GIVEN_NAME,
        FAMILY_NAME,
        EMAIL,
        PHONE,
        "+33612345678",
        "A-0042",
        TITLE,
        "for the bank",
        *secrets,
    ]
    needles = [form for text in wanted if len(text) > 6 for form in forms(text.encode())]
    needles += pieces_of(content) + [text for text in texts_of(content) if len(text) > 10]
    # What an empty vault holds too, the names of its tables say, tells nothing about anybody.
    common = b"".join(files_of(empty_vault(folder.parent / "empty")).values())
    needles = [needle for needle in needles if needle not in common]
    files = files_of(folder)
    for name, stored in files.items():
        if any(needle in stored for needle in needles):
            raise SystemExit(f"found in clear in {name}")
    say("searched", f"{len(files)} files for {len(needles)} pieces: nothing lies there in clear")


def empty_vault(folder: pathlib.Path) -> pathlib.Path:
    Vault.create(folder, keys=LocalKeys.ephemeral()).close()
    return folder


def files_of(folder: pathlib.Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def pieces_of(content: bytes) -> list[bytes]:
    """Take up to 200 pieces of 24 bytes from all over the file, but none so plain that it may stand anywhere."""
    step = max(24, len(content) // 200)
    pieces = [content[start : start + 24] for start in range(0, len(content) - 24, step)]
    return [piece for piece in pieces if len(set(piece)) > 10]


def forms(raw: bytes) -> list[bytes]:
    return [
        raw,
        raw.hex().encode(),
        base64.b64encode(raw).rstrip(b"="),
        raw.decode().encode("utf-16-le"),
    ]


def texts_of(pdf: bytes) -> list[bytes]:
    """Give up to 200 pieces of text that the PDF's pages show."""
    pages = b""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)[:200]:
        try:
            pages += zlib.decompressobj().decompress(stream, 1 << 20)
        except zlib.error:
            pages += stream[: 1 << 20]
    return re.findall(rb"\(([^()]{4,200})\)", pages)[:200]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(*sys.argv[2:])
    else:
        main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "payslip.pdf")
