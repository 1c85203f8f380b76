"""Tests of the demo's data and of its import."""
