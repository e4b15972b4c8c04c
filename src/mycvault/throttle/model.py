"""What is counted, and who counts it."""

import datetime as dt

import attrs


@attrs.frozen
class Bucket:
    """One row of the throttle: *key* tells who without telling, *every* and *burst* how many."""

    key: bytes = attrs.field(repr=False)
    burst: int
    every: dt.timedelta
