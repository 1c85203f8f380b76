"""Benchmarks: figures with what they were measured on."""
