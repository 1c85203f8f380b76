"""The units of one SKU in one warehouse."""
