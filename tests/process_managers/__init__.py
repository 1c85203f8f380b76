"""Tests of business processes and of what runs them."""
