"""The rules of products."""
