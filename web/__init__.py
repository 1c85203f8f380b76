"""The pages: a client of both APIs that renders HTML. It imports no other package of the shop (ADR 55)."""
