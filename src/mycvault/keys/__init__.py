"""The key tree: root, vault, employer, record, account, safe. Document keys lie with their contents."""
