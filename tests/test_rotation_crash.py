"""
A rotation killed at its writes and commits, at every fourth of them: every key opens, the older root is still there, and the next run finishes.
"""

import pathlib
import shutil

import pytest

import services
from mycvault import InvalidInput, LocalKeys
from rotation_kit import NOTHING, Place, Worker, closed_keys, lives_on

MOST = 200  # steps of one rotation


class Template:
    """A vault as it stands before the rotation, to be copied for each death."""

    def __init__(self, root: pathlib.Path, records_url: str) -> None:
        self.place = Place(root / "template", records_url)
        self.place.made().close()
        self.place.keys.add_key()
        self.root = root

    def copy(self, step: int) -> Place:
        root = self.root / f"{step:03}"
        shutil.copytree(self.place.root, root)
        copied = Place.__new__(Place)
        vars(copied).update(vars(self.place), root=root, folder=root / "vault")
        copied.keyring = root / "keyring"
        copied.keys = LocalKeys.load(copied.keyring)
        copied.tokens = dict(self.place.tokens)
        if self.place.records:
            name = self.place.records.partition("?")[0].rpartition("/")[2]
            copied.records = services.fresh_database(self.place.records, template=name)
        return copied


@pytest.fixture
def template(tmp_path, records_url):
    (tmp_path / "template").mkdir()
    return Template(tmp_path, records_url)


def killed(place, step):
    """Rotate in a process that is killed at a step; tell whether it came so far."""
    worker = Worker(place)
    worker._say({"verb": "rotate", "given": [], "die_at": step})
    told = worker.process.stdout.readline()
    worker.process.stdin.close()
    worker.process.wait()
    worker.process.stdout.close()
    assert told in {"", '"won"\n'}, told
    return told == ""


def test_a_rotation_killed_anywhere_is_finished_by_the_next(template):
    """Nothing is lost at any step, and a killed one keeps the older root from being retired."""
    deaths = 0
    # Every fourth step, not the same ones on both databases.
    for step in range(3 if template.place.records else 1, MOST, 4):
        place = template.copy(step)
        dead = killed(place, step)
        with place.opened() as vault:
            assert closed_keys(vault, place) == [], step
            assert vault.upkeep.check().ok, step
            if dead and vault.upkeep.rotate_keys(dry_run=True).counts["left"]:
                with pytest.raises(InvalidInput):
                    place.keys.retire(place.first)
            report = vault.upkeep.rotate_keys()
            assert (report.counts["left"], report.findings) == (0, []), step
            assert vault.upkeep.rotate_keys().counts == NOTHING
            place.keys.retire(place.first)
            assert closed_keys(vault, place) == [], step
        if deaths % 5 == 0 or not dead:
            lives_on(place)
        if template.place.records:
            services.drop_database(place.records)
        shutil.rmtree(place.root)
        if not dead:
            break
        deaths += 1

    assert 5 < deaths < MOST // 4 - 1
