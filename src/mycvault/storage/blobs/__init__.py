"""
Where the encrypted bytes lie: on a local disk, in memory, or in what fsspec reaches.

Each store is a `Blobs` of `ports.py`, and all of them pass the contract in
`testing/contracts.py`. `opening.py` decides which one an address means. fsspec is imported by
`reaching.py` alone, for `remote.py`, so that a local vault never pays for it.
"""
