"""A shopper with an account."""
