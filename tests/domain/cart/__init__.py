"""The rules of carts."""
