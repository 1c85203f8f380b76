"""The pages in a real browser: one shop for all, a context of its own for each test."""
