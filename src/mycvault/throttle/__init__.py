"""Attempts, counted before they are judged."""
