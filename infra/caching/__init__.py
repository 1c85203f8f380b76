"""Answers that are asked for again and again, and callers who ask too often: in this process, or in Redis for all."""
