"""The laws of the house, each kept by a machine: layers, file lengths, headers, small hands, nothing left for later."""

import ast
import pathlib
import subprocess
import sys

import attrs
import pytest

from mycvault.act import Act

ROOT = pathlib.Path(__file__).parent.parent
FILES = sorted((ROOT / "src" / "mycvault").rglob("*.py"))
LONGEST = 350  # lines; from 300 on a file asks to be split
LONG = 300
HANDS = 10  # public attributes


def name_of(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


def test_floors_only_look_down():
    """Every contract of the layers is kept."""
    program = pathlib.Path(sys.executable).with_name("lint-imports")
    if not program.exists():
        pytest.skip("import-linter is not installed")

    done = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_too_long():
    """No module is longer than 350 lines; those above 300 are named."""
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in FILES}

    for name, length in lengths.items():
        if length > LONG:
            print(f"{name} has {length} lines: more than {LONG}")  # noqa: T201 - a warning for people

    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}


def test_every_module_says_what_it_decides():
    """Every module opens with a docstring."""
    without = [
        name_of(path) for path in FILES if not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert without == []


@pytest.mark.parametrize("mark", ["TODO", "FIXME", "XXX", "HACK"])
def test_nothing_is_left_for_later(mark):
    """No comment says that something is to be done."""
    found = [
        f"{name_of(path)}:{number}"
        for path in FILES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if mark in line.partition("#")[2]
    ]

    assert found == []


def test_what_a_service_is_handed_stays_small():
    """An act has ten public attributes at most."""
    names = {*dir(Act), *(field.name for field in attrs.fields(Act))}

    assert len([name for name in names if not name.startswith("_")]) <= HANDS


def test_what_a_story_is_handed_stays_small():
    """A call has ten public attributes at most, those it gives itself included."""
    (tree,) = [
        node
        for node in ast.walk(ast.parse((ROOT / "src" / "mycvault" / "desk.py").read_text()))
        if isinstance(node, ast.ClassDef) and node.name == "Call"
    ]
    given = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and ast.unparse(node.value) == "self"
    }
    verbs = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

    assert len([name for name in given | verbs if not name.startswith("_")]) <= HANDS
