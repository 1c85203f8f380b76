"""Tests of the HTTP machinery of the read API."""
