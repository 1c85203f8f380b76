"""The whole shop, as a newcomer runs it."""
