"""How much memory this process holds, and held at most. Linux."""

import pathlib


def now() -> int:
    """Tell how much it holds, in KiB."""
    return _read("VmRSS")


def peak() -> int:
    """Tell how much it held at most since `forget_peak`, in KiB."""
    return _read("VmHWM")


def forget_peak() -> None:
    """Begin to look for the highest anew."""
    # 5: forget the highest that was reached so far (proc(5)).
    pathlib.Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _read(name: str) -> int:
    status = pathlib.Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name))
