"""Read models: one file each, made from events and thrown away at will."""
