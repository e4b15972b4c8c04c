"""
What a host that brings parts of its own tests them with; needs pytest (`pip install mycvault[test]`).

It stands above everything and uses public names only, as a host does.
"""

try:
    import pytest
except ModuleNotFoundError as exc:
    if exc.name != "pytest":
        raise
    raise ModuleNotFoundError(
        "mycvault.testing needs pytest: pip install 'mycvault[test]'", name="pytest"
    ) from exc

# What a contract finds wrong is told with the values compared, as in a test of one's own.
pytest.register_assert_rewrite("mycvault.testing.contracts", "mycvault.testing.keys")
