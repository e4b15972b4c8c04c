"""
Sweeps and compactions killed at every write: every document is there, and the next run finishes.
"""

import datetime as dt

import pytest

import kit
from attack_kit import pack
from test_crash import Deaths, complete


@pytest.mark.parametrize("verb", ["sweep", "compact"])
def test_killed_at_every_write(tmp_path, verb):
    """Documents are read as they were given, a check is clean, another run leaves nothing to do and no byte too many."""
    deaths = Deaths(tmp_path)
    vault, token = deaths.make()
    with vault:
        session = complete(vault, token)
        acme = vault.employer("acme")
        given = {size: kit.pdf(size) for size in (600, 700, 90_000)}
        ids = {
            size: acme.deposit("A-1", content, kind="other", reference=str(size)).document_id
            for size, content in given.items()
        }
        pack(vault, list(ids.values()), "aa" * 16)
        session.safe.destroy(ids.pop(90_000))
        token = session.token.reveal()
    deaths.die((verb,))

    for folder, _ in deaths.folders():
        with deaths.opened(folder) as vault:
            safe = vault.resume(token).safe
            for _ in range(2):
                for size, document in ids.items():
                    assert safe.read(document) == given[size]
                report = vault.upkeep.check()
                assert report.ok, report.findings
                vault.upkeep.compact()
                vault.upkeep.sweep(grace=dt.timedelta())
            assert report.counts["orphans"] == 0
            assert vault.upkeep.compact().counts["sparse"] == 0
            blobs = [path for path in (folder / "blobs").rglob("*") if path.is_file()]
            assert len(blobs) == 2

    assert deaths.count > 5
