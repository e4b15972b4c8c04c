"""Authority: what one kind of caller may do. Thin."""
