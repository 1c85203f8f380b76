"""Every engine, with the same goods on its shelf."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from infra.projections.tables import SchemaTables
from projections.search.postgres import PostgresSearch
from projections.search.projection import PROJECTION
from tests.support.shelf import Shelf, stocked
from tests.support.told import Log, build, feed


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def tables(connection: asyncpg.Connection) -> SchemaTables:
    return await build(connection, PROJECTION)


@pytest.fixture(params=["postgresql"])
async def shelf(tables: SchemaTables) -> Shelf:
    log, told = Log(), 0

    async def settle() -> None:
        nonlocal told
        await feed(tables, PROJECTION, log.recorded[told:])
        told = len(log.recorded)

    stocked(log)
    await settle()
    return Shelf(log, PostgresSearch(tables), settle)
