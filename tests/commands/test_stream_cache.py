"""What is kept of streams, and what others may know of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from commands import stream_cache
from commands.handler import CommandHandler
from commands.idempotency import CommandIdReused
from commands.ports import Appended
from domain.shared.recorded import Position
from infra.serialization.codec import JsonCodec
from tests.support.fixtures.memory import MemorySnapshots, MemoryStore
from tests.support.harness.counter import (
    CANCEL,
    LONG_SHOW,
    LONG_SHOWS,
    ONE,
    SELL,
    SELL_TWO,
    SHOW,
    CancelTicket,
    SellTicket,
    Show,
    SoldOut,
    by,
    handler,
    new,
)

HAMLET = "show-Hamlet"
CANCEL_TWO = CancelTicket(show="Hamlet", seats=2)


@pytest.fixture
def short_strides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_cache, "SNAPSHOT_EVERY", 4)
    monkeypatch.setattr(stream_cache, "LOOK", 2)


@pytest.fixture
def short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_cache, "COMMANDS_KEPT", 2)


async def long_show(store: MemoryStore, snapshots: MemorySnapshots) -> CommandHandler:
    handle = CommandHandler(store, JsonCodec(), snapshots, LONG_SHOWS)
    await handle(SELL, by(ONE))
    for _ in range(2):
        await handle(SELL, new())
        await handle(CANCEL, new())
    return handle


@pytest.mark.usefixtures("short_strides")
async def test_a_long_stream_is_read_from_its_snapshot_on() -> None:
    store, snapshots = MemoryStore(), MemorySnapshots()
    await long_show(store, snapshots)
    store.reads.clear()
    elsewhere = CommandHandler(store, JsonCodec(), snapshots, LONG_SHOWS)
    assert await elsewhere(SELL_TWO, new()) == Appended(Position(7), 6)
    assert store.reads == [(HAMLET, -1), (HAMLET, 3)]


@pytest.mark.usefixtures("short_strides")
async def test_a_stream_between_a_look_and_its_first_snapshot_is_read_once() -> None:
    store, snapshots = MemoryStore(), MemorySnapshots()
    handle = CommandHandler(store, JsonCodec(), snapshots, LONG_SHOWS)
    for _ in range(3):
        await handle(SELL, new())
    store.reads.clear()
    elsewhere = CommandHandler(store, JsonCodec(), snapshots, LONG_SHOWS)
    assert await elsewhere.state_of(LONG_SHOW, HAMLET) == Show(3)
    assert store.reads == [(HAMLET, -1), (HAMLET, 1)]


@pytest.mark.usefixtures("short_strides")
async def test_a_snapshot_remembers_the_commands_before_it() -> None:
    store, snapshots = MemoryStore(), MemorySnapshots()
    await long_show(store, snapshots)
    elsewhere = CommandHandler(store, JsonCodec(), snapshots, LONG_SHOWS)
    assert await elsewhere(SELL, by(ONE)) == Appended(Position(1), 0, repeated=True)
    assert len(store.log) == 5


@pytest.mark.usefixtures("short_strides")
async def test_a_snapshot_of_another_shape_is_left_alone() -> None:
    store, snapshots = MemoryStore(), MemorySnapshots()
    await long_show(store, snapshots)
    store.reads.clear()
    changed = dict.fromkeys(LONG_SHOWS, replace(LONG_SHOW, version="show.2"))
    assert await CommandHandler(store, JsonCodec(), snapshots, changed).state_of(changed[SellTicket], HAMLET) == Show(1)
    assert store.reads == [(HAMLET, -1), (HAMLET, 1)]
    assert sorted(snapshots.kept) == [(HAMLET, "show.1"), (HAMLET, "show.2")]


@pytest.mark.usefixtures("short_strides")
async def test_a_snapshot_that_cannot_be_read_is_left_alone() -> None:
    store, snapshots = MemoryStore(), MemorySnapshots()
    await long_show(store, snapshots)
    kept = snapshots.kept[HAMLET, "show.1"]
    snapshots.kept[HAMLET, "show.1"] = replace(kept, state=b'{"sold": "many"}')
    elsewhere = CommandHandler(store, JsonCodec(), snapshots, LONG_SHOWS)
    assert await elsewhere.state_of(LONG_SHOW, HAMLET) == Show(1)


@pytest.mark.usefixtures("short_strides")
async def test_snapshots_out_of_reach_cost_time_and_nothing_else() -> None:
    store, snapshots = MemoryStore(), MemorySnapshots(unavailable=True)
    handle = await long_show(store, snapshots)
    assert await handle.state_of(LONG_SHOW, HAMLET) == Show(1)
    assert snapshots.kept == {}


async def test_a_short_stream_has_no_snapshot() -> None:
    store, snapshots = MemoryStore(), MemorySnapshots()
    handle = CommandHandler(store, JsonCodec(), snapshots, dict.fromkeys(LONG_SHOWS, SHOW))
    await handle(SELL, new())
    assert snapshots.kept == {}


async def test_the_story_told_longest_ago_is_forgotten_first() -> None:
    store = MemoryStore()
    handle = handler(store, streams_kept=2)
    for show in ("Hamlet", "Faust", "Hamlet", "Medea"):
        await handle(SellTicket(show=show), new())
    store.reads.clear()
    for show in ("Hamlet", "Medea", "Faust"):
        await handle(SellTicket(show=show), new())
    assert store.reads == [("show-Faust", -1)]


async def test_streams_that_do_not_exist_push_no_story_out() -> None:
    store = MemoryStore()
    handle = handler(store, streams_kept=1)
    await handle(SELL, new())
    assert await handle.state_of(SHOW, "show-Unknown") == Show(0)
    store.reads.clear()
    await handle(SELL, new())
    assert store.reads == []


@pytest.mark.usefixtures("short_memory")
async def test_a_command_forgotten_by_the_story_is_still_known_to_the_store() -> None:
    store = MemoryStore()
    handle = handler(store)
    await handle(SELL, by(ONE, "a"))
    await handle.all_of([SELL, CANCEL], new())
    await handle.all_of([SELL, CANCEL], new())
    assert await handle(SELL, by(ONE, "a")) == Appended(Position(1), 0, repeated=True)
    with pytest.raises(CommandIdReused):
        await handle(SELL, by(ONE, "b"))
    assert len(store.log) == 5


@pytest.mark.usefixtures("short_memory")
async def test_a_command_that_would_be_refused_by_now_is_answered_as_the_first_time() -> None:
    store = MemoryStore()
    handle = handler(store)
    first = await handle.all_of([SELL, SELL], by(ONE, "a"))
    await handle(CANCEL, new())
    await handle(SELL_TWO, new())
    for again in (handle, handler(store)):
        assert await again.all_of([SELL, SELL], by(ONE, "a")) == Appended(first.position, first.revision, repeated=True)
        with pytest.raises(CommandIdReused):
            await again.all_of([SELL, SELL], by(ONE, "b"))
        with pytest.raises(SoldOut):
            await again.all_of([SELL, SELL], new())
    assert len(store.log) == 5


@pytest.mark.usefixtures("short_memory")
async def test_a_repeat_that_would_come_to_more_by_now_is_answered_as_the_first_time() -> None:
    store = MemoryStore()
    handle = handler(store)
    await handle(SELL, new())
    first = await handle(CANCEL_TWO, by(ONE, "a"))
    await handle(SELL, new())
    await handle(SELL, new())
    for again in (handle, handler(store)):
        assert await again(CANCEL_TWO, by(ONE, "a")) == Appended(first.position, first.revision, repeated=True)
    assert len(store.log) == 4


async def test_who_asks_at_the_same_time_shares_one_look() -> None:
    store = MemoryStore()
    handle = handler(store)
    await handler(store)(SELL, new())
    seen = await asyncio.gather(*(handle.state_of(SHOW, HAMLET) for _ in range(50)))
    assert seen == [Show(1)] * 50
    assert store.reads == [(HAMLET, -1), (HAMLET, -1)]


async def test_who_asks_after_a_look_began_gets_a_newer_one() -> None:
    store = MemoryStore()
    here, there = handler(store), handler(store)
    await there(SELL, new())
    began, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        began.set()
        await go_on.wait()

    store.turn = wait
    early = asyncio.create_task(here.state_of(SHOW, HAMLET))
    await began.wait()
    late = asyncio.create_task(here.state_of(SHOW, HAMLET))
    await asyncio.sleep(0)
    go_on.set()
    await there(SELL, new())
    assert (await early, await late) == (Show(1), Show(2))


async def test_what_never_changes_is_read_once() -> None:
    store = MemoryStore()
    here, there = handler(store), handler(store)
    assert await here.known(SHOW, HAMLET) == Show(0)
    await there(SELL, new())
    assert await here.known(SHOW, HAMLET) == Show(1)
    await there(SELL, new())
    assert await here.known(SHOW, HAMLET) == Show(1)
    assert await here.state_of(SHOW, HAMLET) == Show(2)


async def test_a_repeat_is_answered_even_when_it_could_not_be_prepared_any_more() -> None:
    store = MemoryStore()
    handle = handler(store)

    async def possible() -> Sequence[object]:
        return [SELL]

    async def impossible() -> Sequence[object]:
        raise SoldOut("The box office is closed.")

    first = await handle.prepared(SHOW, HAMLET, possible, by(ONE))
    for again in (handle, handler(store)):
        answer = await again.prepared(SHOW, HAMLET, impossible, by(ONE))
        assert answer == Appended(first.position, first.revision, repeated=True)
    with pytest.raises(SoldOut):
        await handle.prepared(SHOW, HAMLET, impossible, by(UUID(int=9)))
    assert len(store.log) == 1
