"""A person who asked to be forgotten."""
