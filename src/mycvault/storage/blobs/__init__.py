"""
Where the encrypted bytes lie: on a local disk, in memory, or in what fsspec reaches.

Each store is a `Blobs` of `ports.py`, and all of them pass the contract in
`tests/contracts/blobs.py`. `opening.py` decides which one an address means. fsspec is imported by
`remote.py` alone, so that a local vault never pays for it.
"""
