"""Promotions: one book of all rules, drafted, scheduled, replaced and ended."""
