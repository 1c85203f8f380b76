"""A long history, as a shop of years has it, and a shop without read models."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import asyncpg

from infra.eventstore.factory import open_event_store
from infra.eventstore.hash_chain import FIRST, seal, timestamp
from infra.projections import manage
from tests.support.builders.sale import Sale, sale
from tests.support.builders.shop import Append, Shop, Writer, batched

ENDS = {3: Sale.cancelled, 7: Sale.rejected, 11: Sale.short}
BEGAN = datetime(2026, 3, 1, 9, tzinfo=UTC)
APPENDS_AT_ONCE = 5_000
COLUMNS = ("position", "stream", "revision", "event_id", "type", "data", "metadata")


def history(orders: int) -> Iterator[Append]:
    """A range of products, and orders of three lines, of which some are cancelled, rejected or picked short."""
    shop = Shop(products=2000, units=10**6)
    yield from shop.opening()
    for number in range(orders):
        yield from ENDS.get(number % 20, Sale.delivered)(sale(shop, number, lines=3))


async def written(url: str, orders: int) -> int:
    """Write the history into an empty database, by COPY and with its seals; answers how many events that are."""
    opened = await open_event_store(url)
    writer, position = Writer(opened.store), 0
    heads = dict[str, tuple[int, str]]()
    connection = await asyncpg.connect(url)
    for appends in batched(history(orders), APPENDS_AT_ONCE):
        rows = list[tuple[object, ...]]()
        for append in appends:
            revision, previous = heads.get(append.stream, (-1, FIRST))
            at = timestamp(BEGAN + timedelta(seconds=position))
            for event in writer.new_events(append.facts):
                position, revision = position + 1, revision + 1
                metadata, previous = seal(event, append.stream, revision, previous, at)
                stored = event.data.decode(), metadata.decode()
                rows.append((position, append.stream, revision, event.event_id, event.type, *stored))
            heads[append.stream] = revision, previous
        await connection.copy_records_to_table("events", records=rows, columns=COLUMNS)
    await connection.execute("analyze events")
    await connection.close()
    await opened.store.close()
    return position


async def emptied(url: str) -> None:
    """No read model is built."""
    connection = await asyncpg.connect(url)
    await manage.install(connection)
    for build in await manage.builds(connection):
        await connection.execute(f"drop schema {build.schema} cascade")
    await connection.execute("truncate projection_builds")
    await connection.close()
