"""Electronic or paper: notices, objections, returns."""
