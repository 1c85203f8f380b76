"""What goods cost under promotions."""
