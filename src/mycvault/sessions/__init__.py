"""Signed-in sessions."""
