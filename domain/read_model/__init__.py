"""What is asked of the read models."""
