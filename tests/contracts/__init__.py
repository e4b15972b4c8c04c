"""What every adapter of a port must do, as classes of tests: subclass one and supply the object."""
