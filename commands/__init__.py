"""Carrying commands out: read the stream, decide, append."""
