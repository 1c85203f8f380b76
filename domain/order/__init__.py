"""What was sold, and what became of it."""
