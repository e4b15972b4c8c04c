"""
Adopting beside passlib 1.7.4 or libpass, bcrypt 4 or 5, and the newest Django: each installed for itself, in a process of its own.

They come from the package index, so that this runs where the services of a full run are asked for (MYCVAULT_REQUIRE_SERVICES=1).
"""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import foreign_kit

HERE = pathlib.Path(__file__).parent
# What passlib 1.7.4 itself does on Python 3.11 and 3.12.
ITS_OWN = ["-W", "ignore:'crypt' is deprecated:DeprecationWarning"]
ITS_OWN += ["-W", "ignore:Accessing argon2.__version__:DeprecationWarning"]


@pytest.mark.skipif(
    os.environ.get("MYCVAULT_REQUIRE_SERVICES") != "1", reason="installs packages: a full run's"
)
@pytest.mark.parametrize("bcrypt", ["4.0.1", "4.3.0", "5.0.0"])
@pytest.mark.parametrize("passlib", ["passlib==1.7.4", "libpass==1.9.4"])
def test_every_hash_is_adopted_beside(tmp_path, passlib, bcrypt):
    """All systems hash anew, all hashes are judged, adopted and signed in with, with warnings as errors."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--target", tmp_path]
    subprocess.run([*pip, passlib, f"bcrypt=={bcrypt}", "Django"], check=True)
    python = [sys.executable, "-W", "error", *(ITS_OWN if passlib == "passlib==1.7.4" else [])]
    done = subprocess.run(
        [*python, HERE / "foreign_worker.py", tmp_path],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{HERE}"},
        stdout=subprocess.PIPE,
        check=True,
    )

    told = json.loads(done.stdout)
    assert (told["bcrypt"], told["passlib"]) == (bcrypt, passlib.partition("==")[2])
    assert told["hashes"] > 3 * len(foreign_kit.MAKERS)
