"""How pages travel over HTTP: sessions, origins, headers, caching, live updates, errors."""
