"""Tests of infra/services."""
