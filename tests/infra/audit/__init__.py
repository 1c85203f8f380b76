"""The proofs find what they look for."""
