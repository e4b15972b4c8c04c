"""Order: tales that need several capabilities. They hold no rules."""
