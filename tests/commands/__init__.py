"""Tests of carrying commands out."""
