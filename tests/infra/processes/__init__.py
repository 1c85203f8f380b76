"""Tests of what processes keep in PostgreSQL."""
