"""
How the documentation is built: Sphinx, Markdown, every warning an error (`sphinx-build -W -n`).

The public names are documented as their users write them, `mycvault.Vault`; annotations name the file a class lives in, and
are led back. A public name that no page documents breaks the build.
"""

import importlib.metadata

import mycvault
from sphinx.errors import SphinxError
from sphinx.util.nodes import make_refnode

project = "mycvault"
author = "The mycvault developers"
release = importlib.metadata.version("mycvault")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
nitpicky = True
nitpick_ignore_regex = [
    # Other libraries: their inventories would have to be asked for over the network.
    ("py:class", r"(attrs?|ssl|sqlalchemy|typing|collections|pathlib|datetime|dt|os|io|enum)\..*"),
    # The type of a page's items.
    ("py:class", r"mycvault\.values\.page\.T"),
    # The type of a parameter that exists for the library's own tests; hosts need not name it.
    ("py:class", r"mycvault\.ports\.Entropy"),
]
html_theme = "furo"
html_title = f"mycvault {release}"
myst_heading_anchors = 3  # links of the form page.md#heading

autodoc_default_options = {"members": True, "undoc-members": True, "member-order": "bysource"}
autodoc_class_signature = "mixed"
_HANDED_OUT = {
    f"mycvault.{name}"
    for name in (
        *("Vault", "Employer", "Delivery", "Joining", "Session", "Safe", "Security", "Outbox"),
        *("Recovery", "Upkeep", "Journal", "LocalKeys"),
    )
}


def lead_back(app, env, node, contnode):
    """Find the public name behind the file that an annotation names."""
    name = node.get("reftarget", "").rpartition(".")[2]
    if node.get("refdomain") != "py" or name not in mycvault.__all__:
        return None
    there = env.domains["py"].objects
    found = there.get(f"mycvault.{name}") or there.get(f"mycvault.errors.{name}")
    if found is None:
        return None
    return make_refnode(app.builder, node["refdoc"], found.docname, found.node_id, contnode)


def miss_nothing(app, env):
    """Break the build when a public name is on no page."""
    there = {name.rpartition(".")[2] for name in env.domains["py"].objects}
    missing = sorted(set(mycvault.__all__) - there)
    if missing:
        raise SphinxError(f"public names on no page of the reference: {', '.join(missing)}")


def hide_wiring(app, what, name, obj, options, signature, returns):
    """Leave out what a door is made with: hosts get doors from a vault, and never make one."""
    return ("", None) if name in _HANDED_OUT else None


def setup(app):
    """Register what stands above."""
    app.connect("autodoc-process-signature", hide_wiring)
    app.connect("missing-reference", lead_back)
    app.connect("env-check-consistency", miss_nothing)
