"""Tests of infra.postgres."""
