"""What others could not be told at first."""
