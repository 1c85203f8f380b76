"""Telling events again."""
