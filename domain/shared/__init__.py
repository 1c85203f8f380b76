"""The few things every aggregate may use."""
