"""Tests of the machinery of processes."""
