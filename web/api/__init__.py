"""The two APIs as the pages use them."""
