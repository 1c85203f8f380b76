"""Tests of the compiled plans."""
