"""What a verb of the operator's reports."""

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
