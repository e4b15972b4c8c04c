"""
Rendering letters: from a template and its context to a subject, a text and an HTML body.

Done when a letter is delivered, so that a code or a link is in clear only then. Rule: whatever a
name contains, a letter keeps its shape: every value is put on one line, the HTML body is escaped
whether or not its template asks for it, the subject cannot hold a line break. A host's template is
found first: in `<folder>/<locale>/`, then in `<folder>/`, then ours.
"""

import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PackageLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mycvault import locales
from mycvault.errors import SetupError
from mycvault.locales.templates import shelf
from mycvault.values.choices import Channel

_FOLDER_NAME = re.compile(
    r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*"
)  # a language tag, and nothing of a path


@attrs.frozen(kw_only=True)
class Rendered:
    """A letter in words; `repr` hides them."""

    subject: str = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    html: str | None = attrs.field(repr=False)


class Letters:
    """The templates of letters, ours and a host's; thread-safe, each template is read once."""

    def __init__(self, folder: str | None = None) -> None:
        """
        Look for a host's templates in *folder*, if any, before ours.

        Raises:
            SetupError: *folder* is not a folder.
        """
        if folder is not None and not Path(folder).is_dir():
            raise SetupError("the folder of letter templates does not exist")
        self._folder = None if folder is None else Path(folder)
        self._lock = threading.Lock()
        self._shelves: dict[tuple[str, bool], ImmutableSandboxedEnvironment] = {}

    def render(
        self, template: str, *, locale: str, channel: Channel, context: Mapping[str, str]
    ) -> Rendered:
        """
        Put a letter into words.

        An SMS is the block `sms`, or `text` where there is none. Every other channel gets
        `subject`, `text` and `html`; without a block `html` there is no HTML body.

        Raises:
            SetupError: There is no such template, or it is broken, or it asks for what *context*
                does not hold.
        """
        facts: dict[str, Any] = {name: locales.one_line(value) for name, value in context.items()}
        try:
            plain = self._blocks(template, locale, facts, escaped=False)
            if channel is Channel.SMS:
                words = plain["sms"] if "sms" in plain else plain["text"]
                return Rendered(subject="", text=words.strip(), html=None)
            page = self._blocks(template, locale, facts, escaped=True).get("html")
            return Rendered(
                subject=locales.one_line(plain["subject"]),
                text=plain["text"].strip() + "\n",
                html=None if page is None else page.strip() + "\n",
            )
        except Exception as exc:
            # A host's template may raise anything, and quote the context; our message does not.
            raise SetupError(f"the letter template {template!r} cannot be rendered") from exc

    def _blocks(
        self, template: str, locale: str, facts: dict[str, Any], *, escaped: bool
    ) -> dict[str, str]:
        """Render every outer block of a template, those it inherits included."""
        letter = self._shelf(self._tongue(locale), escaped=escaped).get_template(f"{template}.j2")
        context = letter.new_context(facts)
        # Running the root registers the blocks of what it extends, and all that is set or imported.
        for _ in letter.root_render_func(context):
            pass
        wanted = ("html",) if escaped else ("subject", "text", "sms")
        return {
            name: "".join(context.blocks[name][0](context))
            for name in wanted
            if name in context.blocks
        }

    def _tongue(self, locale: str) -> str:
        """Choose the language folder: the host's for *locale* or its language, else one of ours."""
        if self._folder is not None and _FOLDER_NAME.fullmatch(locale):
            for name in (locale, re.split("[-_]", locale)[0]):
                if (self._folder / name).is_dir():
                    return name
        return locales.choose(locale)

    def _shelf(self, tongue: str, *, escaped: bool) -> ImmutableSandboxedEnvironment:
        with self._lock:
            key = (tongue, escaped)
            if key not in self._shelves:
                self._shelves[key] = shelf(self._loader(tongue), escaped=escaped)
            return self._shelves[key]

    def _loader(self, tongue: str) -> BaseLoader:
        ours = PackageLoader("mycvault", f"locales/{locales.choose(tongue)}/letters")
        if self._folder is None:
            return ours
        return ChoiceLoader(
            [FileSystemLoader(self._folder / tongue), FileSystemLoader(self._folder), ours]
        )
