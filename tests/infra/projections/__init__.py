"""Read models in PostgreSQL."""
