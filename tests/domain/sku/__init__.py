"""The rules of SKUs."""
