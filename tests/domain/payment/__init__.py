"""Rules and laws of the payment."""
