"""Tests of the checkout process."""
