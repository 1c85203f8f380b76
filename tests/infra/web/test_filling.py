"""How far an import is: seen by every web process, and gone when nobody renews it."""

import asyncpg

from infra.postgres.sessions import Sessions as Connections
from infra.web.filling import PostgresFilling
from web.ports import Filling


async def test_an_import_is_seen_while_it_is_told(database_url: str) -> None:
    connections = Connections(database_url, "test", 1)
    filling = PostgresFilling(connections)
    await filling.prepare()
    assert await filling.look() is None
    await filling.tell(1, 9)
    await filling.tell(3, 9)
    assert await filling.look() == Filling(3, 9)
    connection = await asyncpg.connect(database_url)
    await connection.execute("update web.filling set told_at = told_at - interval '20 seconds'")
    await connection.close()
    assert await filling.look() is None
    await filling.tell(4, 9)
    await filling.end()
    assert await filling.look() is None
    await connections.close()
