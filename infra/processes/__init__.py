"""What the runner of processes keeps in PostgreSQL."""
