"""Prove the log and everything made of it."""
