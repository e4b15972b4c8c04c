"""Codes we send, and the requests they answer."""
