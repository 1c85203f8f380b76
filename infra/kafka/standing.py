"""How far the publisher is and which dead letters wait, reported to the database: who looks needs no broker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from domain.publication.commands import RequestPublication
from domain.shared.recorded import Position
from infra.postgres.readers import Reading
from infra.postgres.sessions import Connection, Sessions

PATIENCE = 3.0
SHOWN = 50
"""Letters that are reported; of the others their number."""

DDL = """
    create schema if not exists publishing;
    create table if not exists publishing.standing (
        one bool primary key default true check (one),
        position bigint not null,
        trouble text,
        waiting integer not null default 0,
        letters text not null default '[]',
        reported_at timestamptz not null
    );
"""
THERE = "select to_regclass('publishing.standing') is not null as there"
REPORT = """
    insert into publishing.standing (position, trouble, reported_at) values ($1, $2, clock_timestamp())
    on conflict (one) do update
       set position = excluded.position, trouble = excluded.trouble, reported_at = excluded.reported_at
"""
REPORT_LETTERS = "update publishing.standing set waiting = $1, letters = $2"
REPORTED = """
    select position, trouble, waiting, letters, reported_at,
           reported_at < clock_timestamp() - interval '15 seconds' as silent
      from publishing.standing
"""


class WaitingLetter(msgspec.Struct, frozen=True, kw_only=True):
    """An event that could not be published: where it is and why. `asked`: after how many requests to do it again."""

    position: int
    stream: str
    revision: int
    event_id: str
    type: str
    error: str
    asked: int


@dataclass(frozen=True, slots=True)
class PublisherStanding:
    """Implements read_api.work_ports.Publishing."""

    position: Position
    trouble: str | None
    waiting: int
    letters: Sequence[WaitingLetter]
    reported_at: datetime
    silent: bool


@dataclass(frozen=True, slots=True)
class StandingTable:
    """Where the one publisher at work reports. All methods raise StoreUnavailable."""

    sessions: Sessions

    async def prepare(self) -> None:
        await self._done(DDL)

    async def report(self, position: int, trouble: str | None) -> None:
        await self._done(REPORT, position, trouble)

    async def report_letters(self, letters: Sequence[WaitingLetter]) -> None:
        await self._done(REPORT_LETTERS, len(letters), msgspec.json.encode(letters[:SHOWN]).decode())

    async def _done(self, statement: str, *args: object) -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(statement, *args)

        await self.sessions.persistently(work, PATIENCE)


@dataclass(frozen=True, slots=True)
class ReportedLetters:
    """Implements write_api.ports.DeadLetters: the letters that the publisher has last reported."""

    sessions: Sessions

    async def find(self, event_id: UUID) -> RequestPublication | None:
        standing = await self.sessions.persistently(publisher_standing, PATIENCE)
        letters = () if standing is None else standing.letters
        for it in letters:
            if it.event_id == str(event_id):
                return RequestPublication(event_id=event_id, stream=it.stream, revision=it.revision, asked=it.asked)
        return None


async def publisher_standing(connection: "Reading | Connection") -> PublisherStanding | None:
    """None while none has ever reported. Raises StorageUnavailable."""
    there = await connection.fetchrow(THERE)
    if there is None or not there["there"] or (row := await connection.fetchrow(REPORTED)) is None:
        return None
    return PublisherStanding(
        position=Position(row["position"]),
        trouble=row["trouble"],
        waiting=row["waiting"],
        letters=msgspec.json.decode(row["letters"], type=list[WaitingLetter]),
        reported_at=row["reported_at"],
        silent=row["silent"],
    )
