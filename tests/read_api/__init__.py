"""The read API over a real database, filled through the projections."""
