"""What the operator's verbs report."""

from collections.abc import Mapping, Sequence

import attrs


@attrs.frozen(kw_only=True)
class Report:
    """What was done or, in a dry run, would be: numbers by name, and in *findings* what somebody should look at."""

    counts: Mapping[str, int]
    findings: Sequence[str] = ()

    @property
    def ok(self) -> bool:
        """Tell whether there is nothing to look at."""
        return not self.findings


@attrs.frozen
class UpgradeReport:
    """What an upgrade did, or with a dry run would do."""

    steps: tuple[str, ...]
    ok: bool = True


@attrs.frozen
class Health:
    """Whether records, blobs and keys answer; for a readiness probe."""

    records: bool
    blobs: bool
    keys: bool

    @property
    def ok(self) -> bool:
        """Tell whether all of them answer."""
        return self.records and self.blobs and self.keys
