"""Tests of infra.http."""
