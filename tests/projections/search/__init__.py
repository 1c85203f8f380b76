"""The read model of search."""
