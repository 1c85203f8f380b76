"""Whatever others do to the stream between a look and an append."""

import asyncio

import pytest

from commands.handler import BACKOFF, TRIES
from commands.idempotency import CommandIdReused
from commands.ports import Appended, ConcurrentChange, StoreUnavailable
from domain.shared.recorded import Position
from tests.support.fixtures.memory import MemoryStore
from tests.support.harness.counter import (
    CANCEL,
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


async def test_an_id_used_by_another_process_a_moment_ago_is_told_from_a_repeat() -> None:
    store = MemoryStore()
    here, there = handler(store), handler(store)
    await here(SELL, new())
    first = await there(SELL, by(ONE, "a"))
    with pytest.raises(CommandIdReused):
        await here(SELL, by(ONE, "b"))
    assert await here(SELL, by(ONE, "a")) == Appended(first.position, first.revision, repeated=True)
    assert len(store.log) == 2


async def test_a_twin_stored_between_look_and_append_is_recognised() -> None:
    store = MemoryStore()
    here, there = handler(store), handler(store)
    looks = 0

    async def twin_after_the_first_look() -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            await there(SELL, by(ONE, "a"))

    store.turn = twin_after_the_first_look
    assert await here(SELL, by(ONE, "a")) == Appended(Position(1), 0, repeated=True)
    assert len(store.log) == 1


async def test_the_twin_of_another_request_between_look_and_append_is_refused() -> None:
    store = MemoryStore()
    here, there = handler(store), handler(store)
    looks = 0

    async def twin_after_the_first_look() -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            await there(SELL, by(ONE, "a"))

    store.turn = twin_after_the_first_look
    with pytest.raises(CommandIdReused):
        await here(SELL, by(ONE, "b"))
    assert len(store.log) == 1


async def test_a_twin_that_was_decided_otherwise_meanwhile_is_recognised() -> None:
    store = MemoryStore()
    here, there = handler(store), handler(store)
    both = CancelTicket(show="Hamlet", seats=2)
    await there(SELL_TWO, new())
    looks = 0

    async def twin_after_the_first_look() -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            await there(CANCEL, new())
            await there(both, by(ONE))

    store.turn = twin_after_the_first_look
    assert await here(both, by(ONE)) == Appended(Position(4), 3, repeated=True)
    assert len(store.log) == 4


async def test_a_twin_that_did_more_meanwhile_is_answered_in_full() -> None:
    store = MemoryStore()
    here, there = handler(store), handler(store)
    both = CancelTicket(show="Hamlet", seats=2)
    await there(SELL, new())
    looks = 0

    async def twin_after_the_first_look() -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            await there(SELL, new())
            await there(both, by(ONE))

    store.turn = twin_after_the_first_look
    assert await here(both, by(ONE)) == Appended(Position(4), 3, repeated=True)
    assert len(store.log) == 4


async def test_whoever_loses_a_race_decides_again_on_what_is_there_now() -> None:
    store = MemoryStore()
    here, there = handler(store), handler(store)
    await here(SELL, new())
    await there(SELL_TWO, new())
    with pytest.raises(SoldOut):
        await here(SELL, new())
    await there(CANCEL, new())
    assert await here(SELL, new()) == Appended(Position(5), 4)


async def test_a_kept_story_that_is_behind_refuses_nothing_on_its_own() -> None:
    store = MemoryStore()
    here, there = handler(store), handler(store)
    await here(SELL_TWO, new())
    await there(CANCEL, new())
    assert await here(SELL_TWO, new()) == Appended(Position(5), 4)


async def test_a_kept_story_that_is_behind_does_not_take_a_command_for_one_without_effect() -> None:
    store = MemoryStore()
    here, there = handler(store), handler(store)
    await here(SELL, new())
    await here(CANCEL, new())
    await there(SELL, new())
    assert await here(CANCEL, new()) == Appended(Position(4), 3)


async def test_a_command_that_loses_every_race_waits_longer_and_longer_and_gives_up() -> None:
    store = MemoryStore()
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    here, there = handler(store, pause=pause), handler(store)
    looks = 0

    async def always_faster() -> None:
        nonlocal looks
        looks += 1
        if looks % 2 == 0:
            store.turn = at_once
            await there.all_of([SELL, CANCEL], new())
            store.turn = always_faster

    async def at_once() -> None:
        pass

    store.turn = always_faster
    with pytest.raises(ConcurrentChange):
        await here(SELL, new())
    assert len(store.log) == 2 * TRIES
    bounds = [BACKOFF.pause(failures) for failures in range(1, TRIES)]
    assert [0 <= seconds < bound for seconds, bound in zip(pauses, bounds, strict=True)] == [True] * (TRIES - 1)
    store.turn = at_once
    await here(SELL, new())


async def test_commands_on_one_stream_queue_and_never_race_each_other() -> None:
    store = MemoryStore()
    handle = handler(store)
    inside = most = 0

    async def one_at_a_time() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1

    store.turn = one_at_a_time
    done = await asyncio.gather(*(handle(CANCEL if n % 2 else SELL, new()) for n in range(20)))
    assert [at.revision for at in done] == list(range(20))
    assert (most, len(store.reads)) == (1, 1)


async def test_commands_on_different_streams_do_not_wait_for_each_other() -> None:
    store = MemoryStore()
    handle = handler(store)
    arrived = asyncio.Barrier(3)

    async def together() -> None:
        async with asyncio.timeout(60):
            await arrived.wait()

    store.turn = together
    await asyncio.gather(*(handle(SellTicket(show=show), new()) for show in ("Hamlet", "Faust", "Medea")))
    assert len(store.log) == 3


@pytest.mark.parametrize("stored", [False, True])
async def test_a_store_that_goes_away_leaves_no_wrong_story(stored: bool) -> None:
    store = MemoryStore(stored_anyway=stored)
    handle = handler(store)
    await handle(SELL, new())
    store.unavailable = 1
    with pytest.raises(StoreUnavailable):
        await handle(SELL, by(ONE))
    assert await handle.state_of(SHOW, "show-Hamlet") == Show(1 + stored)
    assert await handle(SELL, by(ONE)) == Appended(Position(2), 1, repeated=stored)
    assert await handle.state_of(SHOW, "show-Hamlet") == Show(2)
    assert len(store.log) == 2


async def test_a_caller_that_goes_away_leaves_no_wrong_story() -> None:
    store = MemoryStore()
    handle = handler(store)
    await handle(SELL, new())
    never = asyncio.Event()

    async def for_ever() -> None:
        await never.wait()

    async def at_once() -> None:
        pass

    store.turn = for_ever
    leaving = asyncio.create_task(handle(SELL, new()))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    store.turn = at_once
    assert await handle.all_of([SELL, SELL], new()) == Appended(Position(3), 2)
