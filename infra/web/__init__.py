"""Adapters behind the ports of the pages."""
