"""The publisher reports how far it is, beside its work."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from aiokafka.errors import KafkaError

from commands.ports import StoreUnavailable
from infra.kafka.dead_letters import Letter
from infra.kafka.publisher import Publisher
from infra.kafka.standing import StandingTable, WaitingLetter

Letters = Callable[[], Awaitable[Sequence[Letter]]]
"""Reads those that wait. Raises KafkaError, StoreUnavailable."""

REPORTS_EVERY, LETTERS_EVERY = 2.0, 30.0
"""Seconds. All letters are read each time, so they are reported more seldom."""


async def report(
    table: StandingTable, publisher: Publisher, letters: Callable[[], Awaitable[Sequence[Letter]]]
) -> None:
    """Until cancelled. What cannot be reported now is reported the next time."""
    clock, looks_at = asyncio.get_running_loop().time, 0.0
    await _until_there(table)
    while True:
        with suppress(StoreUnavailable, KafkaError, TimeoutError):
            if publisher.position is not None:
                await table.report(publisher.position, publisher.trouble)
                if clock() >= looks_at:
                    looks_at = clock() + LETTERS_EVERY
                    await table.report_letters(await _read(letters))
        await asyncio.sleep(REPORTS_EVERY)


async def _until_there(table: StandingTable) -> None:
    while True:
        with suppress(StoreUnavailable):
            return await table.prepare()
        await asyncio.sleep(REPORTS_EVERY)


async def _read(letters: Letters) -> Sequence[WaitingLetter]:
    return [
        WaitingLetter(
            position=it.position,
            stream=it.stream,
            revision=it.revision,
            event_id=str(it.event_id),
            type=it.type,
            error=it.error,
            asked=it.asked,
        )
        for it in await letters()
    ]
