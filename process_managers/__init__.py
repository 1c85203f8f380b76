"""Business processes: they take in events and request commands."""
