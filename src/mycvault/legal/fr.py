"""France. Sources: docs/reference/law.md; each duration comes here with the issue that applies it."""

from mycvault.legal.profile import LegalProfile

FR = LegalProfile(country="FR", zone="Europe/Paris")
