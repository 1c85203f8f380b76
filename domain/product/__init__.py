"""A product, its variants and their dated prices."""
