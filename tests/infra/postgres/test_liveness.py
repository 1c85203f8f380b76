"""A server that works on a statement is waited for, and one that does not answer is found out about soon."""

import asyncio
from time import monotonic

import asyncpg
import pytest

from infra.postgres.liveness import PROBE_WITHIN, SUSPECT_AFTER
from infra.postgres.readers import AWAY, Readers
from projections.engine.ports import StorageUnavailable
from tests.support.fixtures.proxy import until, wire_to

SOON = SUSPECT_AFTER + PROBE_WITHIN + 1.5
LONGER = "select pg_sleep(3)"


async def test_a_statement_that_takes_long_is_waited_for(database_url: str) -> None:
    readers = Readers(database_url, 2)
    assert len(await readers.fetch(LONGER)) == 1
    await readers.close()


async def test_an_answer_that_was_lost_is_not_waited_for(database_url: str) -> None:
    async with wire_to(database_url) as wire:
        readers = Readers(wire.url, 2)
        await readers.fetch("select 1")
        wire.go_deaf()
        began = monotonic()
        with pytest.raises(StorageUnavailable):
            await readers.fetch("select 1")
        assert monotonic() - began < SOON
        assert len(await readers.fetch("select 1")) == 1
        await readers.close()


async def test_what_queues_at_a_silent_server_fails_with_the_first_and_what_comes_then_at_once(
    database_url: str,
) -> None:
    async with wire_to(database_url) as wire:
        readers = Readers(wire.url, 2)
        await readers.fetch("select 1")
        with wire.silent():
            began = monotonic()
            errors = await asyncio.gather(*(readers.fetch("select 1") for _ in range(20)), return_exceptions=True)
            assert [type(error) for error in errors] == [StorageUnavailable] * 20
            assert monotonic() - began < SOON
            began = monotonic()
            with pytest.raises(StorageUnavailable):
                await readers.fetch("select 1")
            assert monotonic() - began < AWAY
        await until(lambda: _answers(readers))
        await readers.close()


async def test_a_server_without_a_place_for_the_question_is_not_taken_for_a_silent_one(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = Readers(database_url, 1)
    await readers.fetch("select 1")

    async def no_place(*_: object, **__: object) -> None:
        raise asyncpg.TooManyConnectionsError("sorry, too many clients already")

    monkeypatch.setattr("infra.postgres.liveness.asyncpg.connect", no_place)
    assert len(await readers.fetch(LONGER)) == 1
    monkeypatch.undo()
    await readers.close()


async def _answers(readers: Readers) -> bool:
    try:
        return len(await readers.fetch("select 1")) == 1
    except StorageUnavailable:
        return False
