"""Read models in PostgreSQL: their builds, their runner, their readers."""
