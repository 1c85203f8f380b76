"""The contract of subscriptions, for every store."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from itertools import pairwise

from commands.ports import ANY, EventStore, Record
from domain.shared.recorded import Position
from infra.eventstore.factory import ClosableEventStore
from tests.infra.eventstore.making import RECEIVED, RESERVED, beginning, event, stock, whole_log

PATIENCE = 60


async def follow(
    store: EventStore,
    until: int,
    *,
    after: Position | None = None,
    types: Collection[str] | None = None,
    batch: int = 1000,
) -> list[Record]:
    """The first `until` records of a subscription, whose pages must move on."""
    after = beginning() if after is None else after
    records, positions = list[Record](), [after]
    pages = store.subscribe(after=after, types=types, batch=batch)
    assert isinstance(pages, AsyncGenerator)
    async with asyncio.timeout(PATIENCE), aclosing(pages):
        async for page in pages:
            assert len(page.records) <= batch
            records += page.records
            positions.append(page.position)
            if len(records) >= until:
                break
    assert all(before < after for before, after in pairwise(positions))
    return records


async def test_a_subscription_catches_up_and_goes_live_without_gap_or_repeat(store: EventStore) -> None:
    async def write(writer: int) -> None:
        for n in range(25):
            await store.append(stock(f"{writer}-{n % 2}"), [event(), event(type=RESERVED)], expected=ANY)

    await write(0)
    behind = (await whole_log(store))[20].position
    followers = [
        asyncio.create_task(follow(store, 200)),
        asyncio.create_task(follow(store, 200, batch=7)),
        asyncio.create_task(follow(store, 100, types=[RESERVED], batch=3)),
        asyncio.create_task(follow(store, 179, after=behind)),
        asyncio.create_task(follow(store, 150, after=await store.head())),
    ]
    await asyncio.gather(*(write(writer) for writer in (1, 2, 3)))

    seen = await asyncio.gather(*followers)
    log = await whole_log(store)
    assert seen == [log, log, [r for r in log if r.type == RESERVED], log[21:], log[50:]]


async def test_a_subscription_tells_that_it_has_passed_what_it_does_not_hold(store: EventStore) -> None:
    async with asyncio.timeout(PATIENCE):
        pages = aiter(store.subscribe(after=beginning(), types=[RECEIVED]))
        next_page = asyncio.ensure_future(anext(pages))
        at = await store.append(stock("a"), [event(type=RESERVED)], expected=ANY)
        page = await next_page

    assert (list(page.records), page.position) == ([], at.position)


async def test_a_subscription_ends_when_the_store_is_closed(store: ClosableEventStore) -> None:
    await store.append(stock("a"), [event()], expected=ANY)
    seen = list[int]()

    async def follow_to_the_end() -> None:
        async for page in store.subscribe(after=beginning()):
            seen.append(len(page.records))
            closing.set()

    closing = asyncio.Event()
    async with asyncio.timeout(PATIENCE):
        following = asyncio.create_task(follow_to_the_end())
        await closing.wait()
        await store.close()
        await following
    assert seen == [1]
