"""The back office: a file per page."""
