"""Guards over the whole tree: stored names, stored shapes, and what the documents point to."""
