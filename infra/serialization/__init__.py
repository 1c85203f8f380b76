"""Between messages of the domain and the bytes that are stored."""
