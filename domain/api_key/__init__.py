"""API keys of programs, one aggregate for all of them."""
