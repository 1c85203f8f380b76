"""Tests of infra.serialization."""
