"""Moving a log from one store to another."""

from collections.abc import AsyncIterator, Sequence

import pytest

from commands.ports import ANY, NO_STREAM, Page, Record, StoreUnavailable
from domain.shared.recorded import START, Position
from infra.eventstore.copying import Copied, Copying, DifferentLogs, LogMoved
from infra.eventstore.factory import ClosableEventStore, in_memory_store, open_event_store
from infra.eventstore.postgres.restoring import NotRestorable
from tests.eventstoredb_server import Server
from tests.infra.eventstore.making import assert_sound, beginning, event, stock, whole_log
from tests.support.fixtures.watched import WatchedStore

EVENTS = 60


async def filled(events: int = EVENTS) -> ClosableEventStore:
    store = in_memory_store()
    for n in range(events):
        await store.append(stock(n % 7), [event(b' {"n": %d}' % n)], expected=ANY)
    return store


def bytes_of(log: Sequence[Record]) -> list[tuple[object, ...]]:
    return [(r.stream, r.revision, r.event_id, r.type, r.data, r.metadata) for r in log]


@pytest.fixture
async def target() -> AsyncIterator[ClosableEventStore]:
    """An empty EventStoreDB."""
    async with Server() as server:
        store = (await open_event_store(server.uri)).store
        yield store
        await store.close()


async def test_a_copy_is_the_same_bytes_in_the_same_order(store: ClosableEventStore) -> None:
    if beginning() != START:
        return  # a store that others have used is refused, as told below
    source = await filled()

    copied = await Copying(source, store, places=[Position(0), Position(41), Position(EVENTS)]).run()

    log = await whole_log(store)
    assert bytes_of(log) == bytes_of(await whole_log(source))
    assert_sound(log)
    assert copied == Copied(
        0,
        EVENTS,
        Position(EVENTS),
        log[-1].position,
        {Position(0): START, Position(41): log[40].position, Position(EVENTS): log[-1].position},
    )


async def test_there_and_back_again(target: ClosableEventStore) -> None:
    source, back = await filled(), in_memory_store()
    await Copying(source, target).run()
    await Copying(target, back).run()
    assert await whole_log(back) == await whole_log(source)


@pytest.mark.parametrize("after", [0, 1, 10, 59, 60])
async def test_a_copy_that_was_broken_off_goes_on_where_it_stopped(target: ClosableEventStore, after: int) -> None:
    source = await filled()
    await target.restore((await whole_log(source))[:after])

    copied = await Copying(source, target).run()

    assert (copied.there, copied.new) == (after, EVENTS - after)
    assert bytes_of(await whole_log(target)) == bytes_of(await whole_log(source))
    again = await Copying(source, target).run()
    assert (again.there, again.new) == (EVENTS, 0)


@pytest.mark.parametrize("before", [0, 30, EVENTS], ids=["another log", "another in the middle", "one more"])
async def test_a_target_that_holds_something_else_is_refused_and_left_alone(
    target: ClosableEventStore, before: int
) -> None:
    source = await filled()
    await target.restore((await whole_log(source))[:before])
    await target.append(stock("mine"), [event()], expected=NO_STREAM)

    with pytest.raises(DifferentLogs):
        await Copying(source, target).run()

    assert len(await whole_log(target)) == before + 1


class Tampered(WatchedStore):
    """Tells one byte otherwise."""

    async def read_all(self, **asked: object) -> Page:
        page = await self.store.read_all(**asked)  # type: ignore[arg-type]
        return Page([r._replace(data=b"{}") if r.position == 30 else r for r in page.records], page.position)


async def nothing(_point: str) -> None:
    return


async def test_a_source_that_was_tampered_with_is_not_copied(target: ClosableEventStore) -> None:
    with pytest.raises(NotRestorable, match="is not what was stored"):
        await Copying(Tampered(await filled(), nothing), target).run()
    assert await whole_log(target) == []


async def test_a_source_that_grows_meanwhile_is_told_and_nothing_is_lost(target: ClosableEventStore) -> None:
    source = await filled()
    late = [event()]

    class Growing(WatchedStore):
        async def head(self) -> Position:
            head = await self.store.head()
            await self.store.append(stock("late"), late, expected=ANY)
            return head

    with pytest.raises(LogMoved):
        await Copying(Growing(source, nothing), target).run()
    assert (await Copying(source, target).run()).new == 1


async def test_a_target_that_goes_away_leaves_a_copy_that_can_go_on() -> None:
    source = await filled()
    async with Server() as server:
        store = (await open_event_store(server.uri)).store
        await store.close()
        with pytest.raises(StoreUnavailable):
            await Copying(source, store).run()
        store = (await open_event_store(server.uri)).store
        assert (await Copying(source, store).run()).new == EVENTS
        await store.close()
