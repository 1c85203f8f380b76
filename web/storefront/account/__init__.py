"""The account of a shopper: the way in, and what belongs to it."""
