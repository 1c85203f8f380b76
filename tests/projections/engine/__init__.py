"""Tests of the machinery of read models."""
