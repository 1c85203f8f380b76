"""Tests, one folder per top-level folder."""
