"""Forms: text in, a REST body out, faults back to their fields."""
