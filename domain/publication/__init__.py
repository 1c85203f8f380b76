"""Events that could not be published at first."""
