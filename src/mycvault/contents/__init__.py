"""Bytes at rest: sealed, kept in blobs, read back."""
