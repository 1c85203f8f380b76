"""A real PostgreSQL for the tests of a session, and a fresh database for each test."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from infra.postgres.embedded import EmbeddedPostgres

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for all tests of this process. Tests that stop or kill a server start their own."""
    with TemporaryDirectory(prefix="counterfoil-test-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
async def database_url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The URL of an empty database, dropped after the test with whoever is still connected."""
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(postgres.url)
    await admin.execute(f"create database {name}")
    yield postgres.url.replace("/postgres?", f"/{name}?")
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()
