"""The tree of categories, one aggregate for the whole tree."""
