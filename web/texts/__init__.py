"""Words and formats of the pages."""
