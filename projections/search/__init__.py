"""Search: what can be found, how it is asked for, and the answer of PostgreSQL."""
