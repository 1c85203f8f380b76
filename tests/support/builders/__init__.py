"""Builders: facts, catalogues, purchases and golden files for tests."""
