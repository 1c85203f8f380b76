"""Tests of the HTTP machinery of the write API."""
