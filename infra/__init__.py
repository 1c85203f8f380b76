"""Everything that talks to the outside, and the one place that puts all parts together."""
