"""
What importing costs: `import mycvault` against the two smallest things it stands on.

Each sample is a fresh interpreter, which reads its own clock around the statement: starting Python itself is not counted.
Bytecode is compiled already, as on any machine that ran it once.
"""

import subprocess
import sys

from harness import Bar, Row, Setting, Subject, compare

_TIMED = "import time as t; s = t.perf_counter(); {}; print(t.perf_counter() - s)"
PEER = "import attrs, cryptography"
OURS = "import mycvault"
FIRST_USE = "from mycvault import Vault"


def measure(setting: Setting) -> list[Row]:
    """Measure importing."""
    statements = (PEER, OURS, FIRST_USE)
    subjects = [
        Subject(name=one, run=_fresh, before=lambda one=one: one, timed=False) for one in statements
    ]
    return [
        compare(
            "Importing, in a fresh interpreter",
            subjects,
            rounds=setting.count(25),
            warm_up=setting.warm_up,
            baseline=PEER,
            bars=[Bar(OURS, PEER, 2.0)],
        )
    ]


def _fresh(statement: str) -> float:
    command = [sys.executable, "-c", _TIMED.format(statement)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
