"""Read the story, decide, append; a repeat is answered, not carried out again."""

import pytest

from commands.idempotency import CommandIdReused
from commands.ports import Appended
from domain.shared.recorded import Position
from tests.support.fixtures.memory import MemoryStore
from tests.support.harness.counter import (
    CANCEL,
    ONE,
    SELL,
    SELL_TWO,
    SHOW,
    TWO,
    SellTicket,
    Show,
    SoldOut,
    by,
    handler,
    new,
)


def types(store: MemoryStore) -> list[str]:
    return [record.type for record in store.log]


async def test_a_command_is_answered_with_the_place_of_its_last_event() -> None:
    store = MemoryStore()
    assert await handler(store)(SELL_TWO, new()) == Appended(Position(2), 1)
    assert types(store) == ["test.ticket_sold.v1", "test.ticket_sold.v1"]


async def test_a_command_without_effect_is_answered_with_the_end_of_the_stream() -> None:
    store = MemoryStore()
    handle = handler(store)
    assert await handle(CANCEL, new()) == Appended(Position(0), -1)
    await handle(SELL, new())
    await handle(CANCEL, new())
    assert await handle(CANCEL, new()) == Appended(Position(2), 1)
    assert len(store.log) == 2


async def test_a_refused_command_appends_nothing() -> None:
    store = MemoryStore()
    handle = handler(store)
    await handle(SELL_TWO, new())
    with pytest.raises(SoldOut):
        await handle(SELL_TWO, new())
    assert len(store.log) == 2


async def test_commands_handed_over_together_are_carried_out_together_or_not_at_all() -> None:
    store = MemoryStore()
    handle = handler(store)
    assert await handle.all_of([SELL, CANCEL, SELL], new()) == Appended(Position(3), 2)
    with pytest.raises(SoldOut):
        await handle.all_of([SELL, SELL_TWO], new())
    assert len(store.log) == 3
    assert await handle.state_of(SHOW, "show-Hamlet") == Show(1)


@pytest.mark.parametrize("kept", [0, 10])
async def test_a_repeated_command_is_answered_like_the_first_time_and_appends_nothing(kept: int) -> None:
    store = MemoryStore()
    handle = handler(store, streams_kept=kept)
    first = await handle(SELL, by(ONE, "a"))
    await handle(SELL, new())
    assert await handle(SELL, by(ONE, "a")) == Appended(first.position, first.revision, repeated=True)
    assert await handler(store)(SELL, by(ONE, "a")) == Appended(first.position, first.revision, repeated=True)
    assert len(store.log) == 2


async def test_a_repeated_command_is_not_decided_again() -> None:
    store = MemoryStore()
    handle = handler(store)
    first = await handle(SELL_TWO, by(ONE))
    assert await handle(SELL_TWO, by(ONE)) == Appended(first.position, first.revision, repeated=True)


async def test_an_id_used_for_another_request_on_the_stream_is_refused() -> None:
    store = MemoryStore()
    await handler(store)(SELL, by(ONE, "a"))
    for handle in (handler(store), handler(store, streams_kept=0)):
        with pytest.raises(CommandIdReused):
            await handle(SELL, by(ONE, "b"))
    assert len(store.log) == 1


async def test_an_id_used_on_another_stream_is_refused() -> None:
    store = MemoryStore()
    handle = handler(store)
    await handle(SELL, by(ONE))
    await handle(SellTicket(show="Faust"), by(TWO))
    with pytest.raises(CommandIdReused):
        await handle(SellTicket(show="Faust"), by(ONE))
    assert len(store.log) == 2
