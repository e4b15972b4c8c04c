"""Letters written with their cause, delivered later: at least once, codes first, dead links never."""
