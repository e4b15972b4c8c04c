"""How long documents stay: terms, legal holds, destruction."""
