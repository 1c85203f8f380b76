"""Staff over the write API, on PostgreSQL."""
