"""Tests of infra.security."""
