"""The contract of taking in records of another store, for every store."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from commands.ports import ANY, NO_STREAM, Record
from domain.shared.recorded import START
from infra.eventstore.factory import ClosableEventStore, in_memory_store
from infra.eventstore.postgres.restoring import NotRestorable, runs
from tests.infra.eventstore.making import assert_sound, event, stock, whole_log


async def elsewhere() -> list[Record]:
    """Twelve records that another store holds."""
    other = in_memory_store()
    for n in range(6):
        await other.append(stock(n % 4), [event(b' {"n": %d }' % n), event()], expected=ANY)
    return list((await other.read_all(after=START, limit=100)).records)


def stored(record: Record) -> tuple[object, ...]:
    return record.stream, record.revision, record.event_id, record.type, record.data, record.metadata


async def test_records_are_taken_in_byte_for_byte_and_in_their_order(store: ClosableEventStore) -> None:
    records = await elsewhere()
    await store.restore(records[:5])
    await store.restore(records[5:])

    log = await whole_log(store)
    assert list(map(stored, log)) == list(map(stored, records))
    assert_sound(log)
    assert list(map(stored, await store.read(records[0].stream))) == [
        stored(record) for record in records if record.stream == records[0].stream
    ]


async def test_life_goes_on_behind_them(store: ClosableEventStore) -> None:
    records = await elsewhere()
    await store.restore(records)
    last = records[-1]

    at = await store.append(last.stream, [event()], expected=last.revision)
    again = await store.append(last.stream, [event(event_id=last.event_id)], expected=at.revision)

    assert (at.revision, again.revision, again.repeated) == (last.revision + 1, last.revision, True)
    assert_sound(await whole_log(store))


async def test_the_same_records_again_change_nothing(store: ClosableEventStore) -> None:
    """An answer may be lost."""
    records = await elsewhere()
    await store.restore(records[:6])
    await store.restore(records[:6])
    await store.restore(records[6:])
    assert list(map(stored, await whole_log(store))) == list(map(stored, records))


OTHERS: list[Callable[[list[Record]], list[Record]]] = [
    lambda records: [records[0]._replace(data=b"{}")],
    lambda records: records[1:],
    lambda records: [records[0], records[1]._replace(event_id=uuid4())],
]


@pytest.mark.parametrize("changed", OTHERS, ids=["changed", "gap", "another id"])
async def test_what_was_not_stored_so_is_not_taken_in(
    store: ClosableEventStore, changed: Callable[[list[Record]], list[Record]]
) -> None:
    with pytest.raises(NotRestorable):
        await store.restore(changed(await elsewhere()))
    assert len(await whole_log(store)) <= 1


async def test_a_stream_that_holds_something_else_is_left_alone(store: ClosableEventStore) -> None:
    records = await elsewhere()
    mine = event()
    await store.append(records[0].stream, [mine], expected=NO_STREAM)

    with pytest.raises(NotRestorable):
        await store.restore(records)
    assert [record.event_id for record in await whole_log(store)] == [mine.event_id]


async def test_runs_are_of_one_stream_and_no_longer_than_told() -> None:
    records = await elsewhere()
    assert [record for run in runs(records, 2, 10**6) for record in run] == records
    assert {len(run) for run in runs(records, 2, 10**6)} == {2}
    assert {len(run) for run in runs(records, 100, 1)} == {1}
    assert all(len({record.stream for record in run}) == 1 for run in runs(records, 100, 10**6))
