"""What a writer process says it stored, held against the log."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from commands.ports import Record
from domain.shared.recorded import Position
from tests.infra.eventstore.making import CORNER, assert_sound, places


class Acknowledged(NamedTuple):
    """An append that a writer was told is stored."""

    position: Position
    stream: str
    revision: int
    event_ids: tuple[UUID, ...]


async def start_writer(url: str, appends: int) -> Process:
    """A process that appends so many times and tells on its standard output what was acknowledged."""
    words = ["-m", "tests.infra.eventstore.writer", url, str(appends), CORNER.suffix]
    return await asyncio.create_subprocess_exec(sys.executable, *words, stdout=PIPE)


async def acknowledgements(writer: Process, most: int | None = None) -> list[Acknowledged]:
    """What the writer was told until it ended, or the first of it."""
    assert writer.stdout is not None
    told = list[Acknowledged]()
    async for line in writer.stdout:
        position, stream, revision, *event_ids = line.decode().split()
        told.append(
            Acknowledged(
                Position(int(position)), stream, int(revision), tuple(UUID(event_id) for event_id in event_ids)
            )
        )
        if len(told) == most:
            break
    return told


def assert_kept(told: Sequence[Acknowledged], log: Sequence[Record]) -> None:
    """Everything that was acknowledged stands in the log, once, where it was said to stand."""
    assert_sound(log)
    stands = places(log)
    for position, stream, revision, event_ids in told:
        first = revision - len(event_ids) + 1
        assert [stands[event_id][1:] for event_id in event_ids] == [(stream, first + n) for n in range(len(event_ids))]
        assert stands[event_ids[-1]][0] == position
