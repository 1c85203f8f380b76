"""The shop: a file per page."""
