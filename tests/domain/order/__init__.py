"""Rules and laws of the order."""
