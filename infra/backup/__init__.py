"""Backups of a shop in one file, and shops made of them."""
