"""Tests of the test gateway."""
