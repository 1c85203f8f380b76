"""Tests of infra/kafka, on a real broker."""
