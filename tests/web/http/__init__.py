"""What is common to all pages: sessions, origins, headers, caching, errors."""
