"""Kafka: the published language goes out, feeds come in."""
