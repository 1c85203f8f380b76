"""Read models on a real PostgreSQL."""
