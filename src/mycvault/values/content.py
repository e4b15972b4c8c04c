"""What a host may hand in as a document's bytes."""

from os import PathLike
from typing import BinaryIO

# Bytes, a path, or a binary file that the caller closes.
Content = bytes | PathLike[str] | BinaryIO
