"""
The examples of the documentation, run: `pytest README.md docs`.

Every Python block of a page runs, in order, in the page's own namespace and in an empty folder, warnings being errors. Sybil is
asked for only when a page is: the tests alone do without it.
"""

import contextlib
import os
import pathlib
import tempfile
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

_BUILT = "_build"


def pytest_collect_file(
    file_path: pathlib.Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """Take a page of the documentation as a file of tests."""
    if file_path.suffix != ".md" or _BUILT in file_path.parts:
        return None
    return _pages()(file_path, parent) if _is_asked_for(file_path, parent.config) else None


def _is_asked_for(page: pathlib.Path, config: pytest.Config) -> bool:
    # On its way down to tests/ pytest offers every file of the folders above, README.md too.
    asked = (config.invocation_params.dir / arg.partition("::")[0] for arg in config.args)
    return any(page.is_relative_to(path.resolve()) for path in asked)


@cache
def _pages() -> Any:
    from sybil import Sybil
    from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

    return Sybil(
        parsers=[PythonCodeBlockParser(), SkipParser()],
        patterns=["*.md"],
        setup=_begin,
        teardown=_end,
    ).pytest()


def _begin(namespace: dict[str, Any]) -> None:
    namespace["_left"] = contextlib.ExitStack()
    namespace["_left"].enter_context(_elsewhere())


def _end(namespace: dict[str, Any]) -> None:
    namespace["_left"].close()


@contextlib.contextmanager
def _elsewhere() -> Iterator[None]:
    """Work in an empty folder, and come back."""
    here = pathlib.Path.cwd()
    with tempfile.TemporaryDirectory(prefix="mycvault-page-") as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(here)
