"""Time and new ids, the two inputs that the domain may not make itself."""
