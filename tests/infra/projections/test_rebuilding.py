"""A rebuild that was requested from outside is begun once."""

from uuid import UUID

import asyncpg
import pytest

from infra.postgres.sessions import Sessions
from infra.projections import manage
from infra.projections.rebuilding import Rebuilds, RebuildUnderWay, UnknownReadModel
from projections.registry import PROJECTIONS

ONE, OTHER = UUID(int=1), UUID(int=2)


async def test_each_request_makes_one_build_that_takes_over(connection: asyncpg.Connection, database_url: str) -> None:
    await manage.prepare(connection, PROJECTIONS)
    sessions = Sessions(database_url, "test", 1)
    rebuilds = Rebuilds(sessions, PROJECTIONS)
    for _ in range(2):
        await rebuilds.check("carts", ONE)
        await rebuilds.rebuild("carts", ONE)
    with pytest.raises(RebuildUnderWay, match="Build 2 of carts is being made, and is at position 0"):
        await rebuilds.check("carts", OTHER)
    await rebuilds.rebuild("carts", OTHER)
    with pytest.raises(UnknownReadModel):
        await rebuilds.check("cats", OTHER)
    made = [(it.number, it.takes_over) for it in await manage.builds(connection) if it.name == "carts"]
    assert made == [(1, False), (2, True)]
    await manage.switch(connection, "carts")
    await rebuilds.check("carts", OTHER)
    await rebuilds.rebuild("carts", ONE)
    await rebuilds.rebuild("carts", OTHER)
    made = [(it.number, it.takes_over) for it in await manage.builds(connection) if it.name == "carts"]
    assert made == [(1, False), (2, False), (3, True)]
    await sessions.close()
