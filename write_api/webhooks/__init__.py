"""Endpoints that other systems call."""
