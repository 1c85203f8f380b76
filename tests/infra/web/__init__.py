"""Adapters of the pages."""
