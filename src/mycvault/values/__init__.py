"""Small values that several capabilities speak of: one idea a file, nothing that touches the world."""
