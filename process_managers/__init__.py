"""Business processes: they hear facts and ask for commands."""
