"""Several processes carry commands out on one real store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import pytest

from commands.handler import CommandHandler
from commands.idempotency import CommandIdReused
from commands.routes import ROUTES, STOCK
from domain.shared.ids import Sku, Warehouse
from domain.shared.recorded import Metadata
from domain.stock.commands import ReceiveStock
from domain.stock.decider import Stock
from infra.eventstore.factory import open_event_store
from infra.serialization.codec import JsonCodec

PROCESSES = 4
HOT = "stock-MUG@MAIN"
RECEIVE = ReceiveStock(sku=Sku("MUG"), warehouse=Warehouse("MAIN"), quantity=1)


def by(command_id: UUID, fingerprint: str | None = None) -> Metadata:
    return Metadata(
        command_id=command_id,
        correlation_id=command_id,
        causation_id=command_id,
        actor="staff:wim",
        fingerprint=fingerprint,
    )


@pytest.fixture
async def handlers(database_url: str) -> AsyncIterator[list[CommandHandler]]:
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(PROCESSES):
            store, snapshots = await open_event_store(database_url)
            stack.push_async_callback(store.close)
            made.append(CommandHandler(store, JsonCodec(), snapshots, ROUTES))
        yield made


async def on_hand(handler: CommandHandler) -> int:
    stock: Stock = await handler.state_of(STOCK, HOT)
    return stock.on_hand


async def test_a_hot_stream_is_shared_by_all_without_a_loss(handlers: list[CommandHandler]) -> None:
    done = await asyncio.gather(*(handlers[n % PROCESSES](RECEIVE, by(uuid4())) for n in range(200)))
    assert sorted(at.revision for at in done) == list(range(200))
    assert [await on_hand(handler) for handler in handlers] == [200] * PROCESSES


async def test_a_command_sent_to_all_at_once_is_carried_out_once(handlers: list[CommandHandler]) -> None:
    for _ in range(20):
        command_id = uuid4()
        done = await asyncio.gather(*(handler(RECEIVE, by(command_id, "a")) for handler in handlers * 3))
        assert len({(at.position, at.revision) for at in done}) == 1
    assert await on_hand(handlers[0]) == 20


async def test_an_id_means_one_request_wherever_it_is_sent(handlers: list[CommandHandler]) -> None:
    command_id = uuid4()
    elsewhere = ReceiveStock(sku=Sku("MUG"), warehouse=Warehouse("WEST"), quantity=1)
    await handlers[0](RECEIVE, by(command_id, "a"))
    for handler in handlers:
        for command, fingerprint in ((RECEIVE, "b"), (elsewhere, "a"), (elsewhere, "c")):
            with pytest.raises(CommandIdReused):
                await handler(command, by(command_id, fingerprint))
    assert await on_hand(handlers[1]) == 1


async def test_a_long_stream_is_told_from_its_snapshot(handlers: list[CommandHandler]) -> None:
    first = uuid4()
    await handlers[0](RECEIVE, by(first, "a"))
    for _ in range(6):
        await handlers[0].all_of([RECEIVE] * 100, by(uuid4()))
    fresh = handlers[1]
    assert await on_hand(fresh) == 601
    kept = await fresh.snapshots.load(HOT, STOCK.version)
    assert kept is not None
    assert kept.revision >= 500
    assert (await handlers[2](RECEIVE, by(first, "a"))).revision == 0
