"""What is counted, and who counts it."""

import datetime as dt

import attrs


@attrs.frozen
class Bucket:
    """
    One row of the throttle: *key* tells who without telling, *every* and *burst* how many.

    *hers*: what was tried here was tried where she succeeds; her success empties it, where others are given one attempt back.
    """

    key: bytes = attrs.field(repr=False)
    burst: int
    every: dt.timedelta
    hers: bool = False
