"""Files that are read at once give exactly what they hold, whatever their kind, their size and what they say of it."""

import errno
import io
import os
import pathlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from mycvault.contents import sealing
from mycvault.errors import InvalidInput


class Slow(io.BytesIO):
    """A file that gives at most three bytes at once."""

    def read(self, size=-1):
        return super().read(min(size, 3) if size >= 0 else 3)


@pytest.mark.parametrize("kind", [Slow, io.BytesIO])
def test_a_file_is_read_to_its_end_whatever_it_gives_at_once(kind):
    assert sealing._whole_or_stream(kind(b"0123456789")) == b"0123456789"


@pytest.mark.parametrize("most", [0, 1, 3, 9])
def test_a_path_that_gives_less_at_once_than_it_has_is_read_to_its_end(tmp_path, monkeypatch, most):
    path = tmp_path / "payslip.pdf"
    path.write_bytes(b"0123456789")
    read = os.read
    # What a network's file system may do.
    monkeypatch.setattr(sealing.os, "read", lambda file, size: read(file, min(size, most)))

    assert sealing.take_small(path) == b"0123456789"


@pytest.mark.parametrize("said", [0, 9, 11, sealing.IN_MEMORY])
def test_a_path_that_has_another_size_than_was_said_is_read_to_its_end(tmp_path, monkeypatch, said):
    path = tmp_path / "payslip.pdf"
    path.write_bytes(b"0123456789")
    stat = os.fstat

    def another(file):
        found = list(stat(file))
        found[6] = said
        return os.stat_result(found)

    # It grows or shrinks while it is read.
    monkeypatch.setattr(sealing.os, "fstat", another)

    assert sealing.take_small(path) == b"0123456789"


@pytest.mark.parametrize("size", [0, 1, sealing.IN_MEMORY - 1, sealing.IN_MEMORY])
def test_a_path_of_at_most_eight_mebibytes_is_read(tmp_path, size):
    path = tmp_path / "payslip.pdf"
    path.write_bytes(b"x" * size)

    assert sealing.take_small(path) == b"x" * size


def test_a_path_of_more_is_left_to_be_streamed(tmp_path):
    path = tmp_path / "payslip.pdf"
    path.write_bytes(b"x" * (sealing.IN_MEMORY + 1))

    assert sealing.take_small(path) is path


def test_a_pipe_is_read_to_its_end(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with ThreadPoolExecutor() as pool:
        written = pool.submit(path.write_bytes, b"x" * 300_000)
        assert sealing.take_small(path) == b"x" * 300_000
        assert written.result() == 300_000


def test_a_path_that_cannot_be_read_again_is_read_once(tmp_path, monkeypatch):
    path = tmp_path / "payslip.pdf"
    path.write_bytes(b"0123456789")
    read = os.read
    monkeypatch.setattr(sealing.os, "read", lambda file, size: read(file, min(size, 3)))

    def refuse(*_given):
        raise OSError(errno.ESPIPE, "Illegal seek")

    monkeypatch.setattr(sealing.os, "lseek", refuse)

    assert sealing.take_small(path) == b"0123456789"


@pytest.mark.parametrize("name", [".", "missing.pdf", "nul\0.pdf"])
def test_a_path_of_no_readable_file_is_refused_and_nothing_stays_open(tmp_path, name):
    lowest = os.dup(0)
    os.close(lowest)

    with pytest.raises(InvalidInput, match="readable file"):
        sealing.take_small(tmp_path / name)

    after = os.dup(0)
    os.close(after)
    assert after == lowest


def test_a_path_that_says_it_is_empty_is_read():
    path = pathlib.Path("/proc/self/status")
    if not path.exists():
        pytest.skip("no such files here")
    assert sealing.take_small(path).startswith(b"Name:")
    assert sealing.take_small(path).endswith(b"\n")
    assert sealing.take_small(path).count(b"\n") == len(path.read_bytes().splitlines())
