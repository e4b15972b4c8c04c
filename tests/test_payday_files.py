"""Files of a payroll that their host closes, gives twice, or that break off: nobody's payslip is mixed of two, none is cut."""

from collections import Counter

import attrs
import pytest

import kit
from kit import pdf
from mycvault import Deposit, Policy, UnacceptableContent
from payday_kit import MIB, contents_of, enrol, matricules, read_back, slips


def test_a_large_file_given_twice_is_whole_once_and_empty_then(house, tmp_path):
    enrol(house, 2)
    whole = pdf(20 * MIB, mark="large")
    path = tmp_path / "large.pdf"
    path.write_bytes(whole)
    with path.open("rb") as file:
        run = [Deposit(one, file, kind="contract") for one in matricules(2)]
        told = list(house.acme.deposit_each(run))

    assert [type(one.error) for one in told] == [type(None), UnacceptableContent]
    assert told[0].receipt.size == len(whole)
    assert read_back(house, "B-00000") == [whole]


def test_files_that_are_closed_once_the_next_is_asked_for(house, tmp_path):
    enrol(house, 4)
    sizes = [600, 9 * MIB, 9 * MIB, 700]

    def source():
        for name, size in zip(matricules(4), sizes, strict=True):
            path = tmp_path / name
            path.write_bytes(pdf(size, mark=name))
            with path.open("rb") as file:
                yield Deposit(name, file, kind="contract")
            path.unlink()

    report = house.acme.deposit_many(source())

    assert [one.size for one in report.receipts] == sizes
    assert read_back(house, "B-00002") == [pdf(9 * MIB, mark="B-00002")]


class Breaking:
    """A file that breaks off after some bytes."""

    def __init__(self, data):
        self.data = data

    def read(self, size):
        part, self.data = self.data[:size], self.data[size:]
        if not part:
            raise OSError("the share went away")
        return part


def test_a_large_file_that_breaks_off_comes_after_what_came_before_it(house):
    enrol(house, 5)
    good = slips(matricules(5))
    bad = Deposit("B-00000", Breaking(pdf(9 * MIB)), kind="contract")
    told = []

    with pytest.raises(OSError, match="the share went away"):
        told.extend(house.acme.deposit_each([*good[:3], bad, *good[3:]]))

    assert [one.deposit for one in told] == good[:3]
    assert all(one.receipt for one in told)
    # What another worker had begun is finished.
    done = len(contents_of(house))
    assert done in {3, 5}
    assert house.acme.deposit_many(good).replayed == done


@pytest.mark.parametrize("most", [1 * MIB, 9 * MIB])
def test_the_limit_of_a_document_below_and_above_that_of_a_pack(tmp_path, records_url, most):
    usual = Policy.for_tests()
    policy = attrs.evolve(usual, documents=attrs.evolve(usual.documents, max_bytes=most))
    with kit.house_at(tmp_path, records_url, policy=policy) as house:
        enrol(house, 4)
        sizes = [most, most + 1]
        (tmp_path / "at").write_bytes(pdf(most, mark="at"))
        (tmp_path / "above").write_bytes(pdf(most + 1, mark="above"))
        contents = [pdf(size, mark="bytes") for size in sizes]
        with (tmp_path / "at").open("rb") as at, (tmp_path / "above").open("rb") as above:
            contents += [tmp_path / "at", tmp_path / "above", at, above]
            run = [
                Deposit("B-00000", content, kind="contract", reference=f"r-{number}")
                for number, content in enumerate(contents)
            ]
            dry = list(house.acme.deposit_each(run, dry_run=True))
            at.seek(0)
            above.seek(0)
            told = list(house.acme.deposit_each(run))

        for outcomes in (dry, told):
            errors = [getattr(one.error, "reason", None) for one in outcomes]
            assert errors == [None, "too-large"] * 3
        assert [bool(one.receipt) for one in dry] == [False] * 6
        assert [bool(one.receipt) for one in told] == [True, False] * 3
        assert {row.blob for row in contents_of(house)} == set(house.blobs())


def test_a_moment_that_is_naive_or_none_is_refused_alone(lite):
    enrol(lite, 3)
    run = slips(matricules(3))
    run[0] = attrs.evolve(run[0], available_from=lite.clock.moment.replace(tzinfo=None))
    run[1] = attrs.evolve(run[1], available_from="tomorrow")

    told = list(lite.acme.deposit_each(run))

    assert [getattr(one.error, "field", None) for one in told] == ["available_from"] * 2 + [None]


def test_paths_of_one_batch_are_cut_into_packs_as_they_are_read(lite, tmp_path):
    enrol(lite, 9)
    sizes = [3 * MIB, 3 * MIB, 8 * MIB, 600, 9 * MIB, 3 * MIB, 700, 5 * MIB, 800]
    run = []
    for name, size in zip(matricules(9), sizes, strict=True):
        (tmp_path / name).write_bytes(pdf(size, mark=name))
        run.append(Deposit(name, tmp_path / name, kind="contract"))

    told = list(lite.acme.deposit_each(run))

    assert [one.receipt.size for one in told] == sizes
    assert [one.deposit for one in told] == run
    # 8 MiB and what is larger go alone, what fits beside others goes with them.
    packed = Counter(row.blob for row in contents_of(lite))
    assert sorted(packed.values()) == [1, 1, 2, 2, 3]
    assert read_back(lite, "B-00004") == [pdf(9 * MIB, mark="B-00004")]


class Gone:
    """A path that cannot be told any more."""

    def __fspath__(self):
        raise RuntimeError("the share went away")


def test_a_path_that_breaks_off_in_a_later_pack_comes_after_what_came_before_it(house):
    enrol(house, 5)
    good = slips(matricules(5), size=5 * MIB)
    told = []

    with pytest.raises(RuntimeError, match="the share went away"):
        told.extend(
            house.acme.deposit_each([*good[:3], Deposit("B-00003", Gone(), kind="contract")])
        )

    assert [one.deposit for one in told] == good[:3]
    assert len(contents_of(house)) == 3
    assert house.acme.deposit_many(good).replayed == 3


def test_files_that_are_refused_stop_nobody_in_their_batch(lite, tmp_path):
    enrol(lite, 3)
    text = b"no payslip at all" * MIB
    run = slips(matricules(3), size=MIB)
    refused = [Deposit("B-00000", tmp_path / str(number), kind="contract") for number in range(3)]
    for one in refused:
        one.content.write_bytes(text[: 8 * MIB - 1])

    report = lite.acme.deposit_many([run[0], *refused, *run[1:]])

    assert len(report.receipts) == 3
    assert [deposit for deposit, _ in report.refused] == refused
    assert {error.reason for _, error in report.refused} == {"type"}
