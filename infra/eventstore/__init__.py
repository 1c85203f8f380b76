"""Event stores behind one port: PostgreSQL, and whatever the eventsourcing library keeps events in."""
