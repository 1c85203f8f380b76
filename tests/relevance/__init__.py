"""`make relevance`: fifty questions to the demo's whole catalogue, and how well each engine answers them."""
