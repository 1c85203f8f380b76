"""The published language: what other systems may hear of a shop, in words that are promised to them."""
