"""Accounts over the write API."""
