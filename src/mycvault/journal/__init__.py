"""What happened, and what was refused: one event for each, in the same transaction as its effect."""
