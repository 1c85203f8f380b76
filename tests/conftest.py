"""Fixtures for every test."""

import infra.eventstore  # noqa: F401 - it settles how gRPC is to behave, before anybody imports that
from tests.support.postgres import database_url, postgres

__all__ = ["database_url", "postgres"]
