"""Fixtures: an event store and a connection in one database."""

from tests.support.harness.projecting import connection, store

__all__ = ["connection", "store"]
