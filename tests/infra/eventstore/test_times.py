"""A writer whose clock is behind another one's records no time before what is stored."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import pytest

from commands.ports import ANY
from infra.eventstore.factory import ClosableEventStore, open_event_store, utc_now
from tests.infra.eventstore.making import assert_sound, event, recorded_at, stock, whole_log

BEHIND = timedelta(hours=1)


@pytest.fixture
async def writers(shared_store_url: str) -> AsyncIterator[list[ClosableEventStore]]:
    """One with the right time, and one an hour behind."""
    right = (await open_event_store(shared_store_url)).store
    behind = (await open_event_store(shared_store_url, lambda: utc_now() - BEHIND)).store
    yield [right, behind]
    for store in (right, behind):
        await store.close()


async def test_times_never_run_backwards(writers: list[ClosableEventStore]) -> None:
    right, behind = writers
    await behind.append(stock("a"), [event()], expected=ANY)
    for _ in range(3):
        await right.append(stock("a"), [event()], expected=ANY)
        await behind.append(stock("a"), [event(), event()], expected=ANY)
    await behind.append(stock("b"), [event()], expected=ANY)

    log = await whole_log(right)
    assert_sound(log, ids_across_streams=right.capabilities.ids_across_streams)
    times = [recorded_at(record) for record in log]
    assert len(times) == 11
    assert times[1] - times[0] > BEHIND - timedelta(minutes=1)
    assert [second >= first for first, second in pairwise(times)] == [True] * 10
