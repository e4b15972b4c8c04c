"""Dated country profiles: the durations and dates the law fixes, each with its article."""

from mycvault.legal.fr import FR
from mycvault.legal.profile import LegalProfile

__all__ = ["FR", "LegalProfile"]
