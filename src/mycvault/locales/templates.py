"""
How our templates are read: letters by `outbox/letters.py`, the deployer's documents by `locales/deployer.py`.

Rules: a value that is missing is an error, never a gap in a text; a line that only holds a block leaves no line behind; and a
template, perhaps a host's, runs in a sandbox. Loaded when something is rendered, so that a portal never pays for it.
"""

from collections.abc import Callable

from jinja2 import BaseLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment


def shelf(
    loader: BaseLoader, *, escaped: bool = False, said: Callable[[object], str] | None = None
) -> ImmutableSandboxedEnvironment:
    """Open the templates of *loader*: *escaped* for HTML; *said* puts every value that is printed into words."""
    return ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=escaped,
        finalize=said,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
