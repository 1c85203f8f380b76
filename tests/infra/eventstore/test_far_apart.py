"""A follower of few types passes whatever lies between their events, however much that is."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from itertools import pairwise

import pytest

from commands.ports import ANY, EventStore, Record
from domain.shared.recorded import Position
from infra.eventstore.factory import ClosableEventStore
from tests.infra.eventstore.making import RESERVED, beginning, event, stock

BATCH = 5_000
BETWEEN = {"postgres": 105_000, "eventstoredb": 10_000}
"""More than one query looks at (100,000 positions in PostgreSQL, 2,000 events in EventStoreDB); else two batches."""


async def rare_events(store: EventStore, between: int) -> list[Position]:
    """Three events of one type, with so many of another between each two of them; where they stand."""
    found = list[Position]()
    for number in range(3):
        for batch in range(between // BATCH if number else 0):
            await store.append(stock(f"{number}-{batch}"), [event() for _ in range(BATCH)], expected=ANY)
        found.append((await store.append(stock("rare"), [event(type=RESERVED)], expected=ANY)).position)
    return found


async def pages(store: EventStore) -> tuple[list[Record], list[Position]]:
    """What page after page gives, and where each ends."""
    records, ends, more = list[Record](), [beginning()], True
    while more:
        page = await store.read_all(after=ends[-1], limit=10, types=[RESERVED])
        records += page.records
        ends.append(page.position)
        more = page.more
    return records, ends


async def followed(store: EventStore, until: int) -> Sequence[Record]:
    records = list[Record]()
    following = store.subscribe(after=beginning(), types=[RESERVED], batch=10)
    assert isinstance(following, AsyncGenerator)
    async with aclosing(following):
        async for page in following:
            records += page.records
            if len(records) >= until:
                return records
    return records


async def test_nothing_is_passed_over_on_a_long_way(store: ClosableEventStore, request: pytest.FixtureRequest) -> None:
    rare = await rare_events(store, BETWEEN.get(request.node.callspec.params["store_url"], 2 * BATCH))
    records, ends = await pages(store)
    assert [record.position for record in records] == rare
    assert all(before < after for before, after in pairwise(ends))
    assert ends[-1] >= rare[-1]
    assert [record.position for record in await followed(store, 3)] == rare
