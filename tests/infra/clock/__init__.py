"""Tests of infra.clock."""
