"""Languages and markets."""
