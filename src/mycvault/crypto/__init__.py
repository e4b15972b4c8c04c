"""The only code that imports cryptographic libraries: one construction a file, each named after what it is for."""
