"""The HTTP edge of both APIs: the protocol, deadlines, load shedding and rate limits."""
