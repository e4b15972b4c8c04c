"""
Write foreign_hashes.toml: hashes by the code of the systems themselves, with the versions that made them.

Never edit a vector; run this once for a new file. Usage: PYTHONPATH=tests python tests/vectors/make_foreign.py > FILE, with
Django, Werkzeug, passlib, bcrypt and argon2-cffi installed.
"""

import importlib.metadata

import foreign_kit

_MADE_BY = ("Django", "Werkzeug", "passlib", "bcrypt", "argon2-cffi")


def main():
    print("# Made by make_foreign.py; passwords by their names in foreign_kit.TYPED.\n\n[versions]")
    for name in _MADE_BY:
        print(f'{name} = "{importlib.metadata.version(name)}"')
    for sample in foreign_kit.samples():
        print(f'\n[[hash]]\nmaker = "{sample.maker}"\ntyped = "{sample.typed}"')
        print(f'made = "{sample.made}"')


main()
