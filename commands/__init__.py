"""Carrying commands out: read the story, decide, append."""
