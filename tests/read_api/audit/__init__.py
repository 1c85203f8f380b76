"""Tests of the auditors' questions."""
