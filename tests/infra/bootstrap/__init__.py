"""Tests of infra.bootstrap."""
