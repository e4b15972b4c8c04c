"""
Runs in a process of its own, beside one passlib or libpass and one bcrypt: every system hashes anew, a vault adopts and signs in.

Prints the versions it ran with. Warnings are errors, but for what passlib 1.7.4 itself asks of Python 3.11 and 3.12.
"""

import importlib.metadata
import json
import pathlib
import sys

import foreign_kit
from mycvault import Policy, SecondFactor, Session, Vault


def main(target):
    made = foreign_kit.samples()
    for sample in made:
        foreign_kit.judge(sample)
    policy = Policy(
        passwords=Policy.for_tests().passwords,
        hand_out_links=True,
        second_factor=SecondFactor.NEVER,
    )
    with Vault.in_memory(policy=policy) as vault:
        acme = vault.add_employer("Acme", reference="acme")
        for number, sample in enumerate(made):
            email = f"person{number}@example.org"
            acme.enrol(str(number), given_name="Zoé", family_name="Modèle", email=email)
            acme.adopt(str(number), password_hash=sample.made)
            # Twice: by the old hash, then by ours.
            for _ in range(2):
                assert isinstance(vault.sign_in(email, sample.password), Session), sample
    import bcrypt
    import passlib

    for module in (bcrypt, passlib):
        assert pathlib.Path(module.__file__).is_relative_to(target), module.__file__
    told = {name: importlib.metadata.version(name) for name in ("bcrypt", "Django", "Werkzeug")}
    told |= {"passlib": passlib.__version__, "hashes": len(made)}
    sys.stdout.write(json.dumps(told) + "\n")


main(sys.argv[1])
