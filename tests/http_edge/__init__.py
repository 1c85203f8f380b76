"""Tests of what the two APIs and the server around them have in common of HTTP."""
