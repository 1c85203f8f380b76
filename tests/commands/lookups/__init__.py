"""Tests of the lookups before a decision."""
