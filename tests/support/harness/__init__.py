"""Harnesses: specifications, laws, and parts of the shop under a test's control."""
