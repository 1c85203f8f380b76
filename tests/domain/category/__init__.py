"""The rules of the category tree."""
