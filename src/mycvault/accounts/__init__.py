"""Her side: her account, the addresses she proved, and the safes that are hers."""
