"""
One vault, several processes: a forked child is refused, processes that opened it themselves share it.
"""

import os
import subprocess
import sys

import kit
from mycvault import LocalKeys, SetupError


def test_a_forked_child_is_refused(tmp_path):
    """It opens its own; the parent goes on."""
    with kit.make_vault(tmp_path / "vault", None) as vault:
        acme = vault.add_employer("Acme", reference="acme")
        calls = [lambda: vault.employer("acme"), acme.employees, vault.outbox.pending, vault.ping]
        child = os.fork()
        if child == 0:
            refused = 0
            for call in calls:
                try:
                    call()
                except SetupError:
                    refused += 1
                except BaseException:  # noqa: BLE001 - a child must end here
                    refused -= 100
            os._exit(refused % 256)
        _, status = os.waitpid(child, 0)

        assert os.waitstatus_to_exitcode(status) == len(calls)
        assert vault.employer("acme").reference == "acme"


SECOND = """
import sys
from mycvault import LocalKeys, Policy, Vault
folder, keyring, records, part = sys.argv[1:]
content = sys.stdin.buffer.read()
with Vault.open(folder, keys=LocalKeys.load(keyring), records=records, policy=Policy.for_tests()) as vault:
    acme = vault.employer("acme")
    for number in range(20):
        acme.enrol(f"{part}-{number}", given_name="Zoe", family_name="Exemple")
        acme.deposit("A-1", content, kind="payslip", period=f"2026-{number % 12 + 1:02d}")
"""


def test_two_processes_share_a_vault(tmp_path, records_url):
    """Both enrol and deposit at the same time; shared deposits are one, sequences have no gaps."""
    folder, keyring = tmp_path / "vault", tmp_path / "keyring"
    keys = LocalKeys.generate(keyring)
    with kit.house_at(tmp_path, records_url, keys=keys) as house:
        house.enrolled("A-1", email=None, phone=None)
        command = [sys.executable, "-c", SECOND, str(folder), str(keyring), records_url]
        workers = [
            subprocess.Popen([*command, part], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
            for part in ("B", "C")
        ]
        told = [worker.communicate(kit.pdf(), timeout=120)[1] for worker in workers]

        assert [worker.returncode for worker in workers] == [0, 0], told
        assert len(house.acme.employees()) == 41
        assert len(house.acme.deposits()) == 12
        gaps = house.rows(
            "SELECT subject FROM mycvault_events GROUP BY subject HAVING MAX(sequence) <> COUNT(*)"
        )
        assert gaps == []
