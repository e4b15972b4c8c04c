"""Terms of use by version, and who accepted which."""
