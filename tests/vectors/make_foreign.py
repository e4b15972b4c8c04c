"""
Write foreign_hashes.toml: hashes by the code of the systems themselves, with the versions that made them.

Never edit a vector; run this once for a new file. Usage: PYTHONPATH=tests python tests/vectors/make_foreign.py > FILE, with
Django, Werkzeug, passlib, bcrypt and argon2-cffi installed.
"""

import importlib.metadata
import sys

import foreign_kit

_MADE_BY = ("Django", "Werkzeug", "passlib", "bcrypt", "argon2-cffi")


def main():
    lines = [
        "# Made by make_foreign.py; passwords by their names in foreign_kit.TYPED.",
        "",
        "[versions]",
    ]
    lines += [f'{name} = "{importlib.metadata.version(name)}"' for name in _MADE_BY]
    for sample in foreign_kit.samples():
        lines += ["", "[[hash]]", f'maker = "{sample.maker}"', f'typed = "{sample.typed}"']
        lines.append(f'made = "{sample.made}"')
    sys.stdout.write("\n".join(lines) + "\n")


main()
