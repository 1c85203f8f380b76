"""Tests of infra/caching, on a real Redis."""
