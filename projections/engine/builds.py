"""A build: one copy of a read model, made from event zero by one version of its code."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.shared.recorded import Position
from projections.engine.parking import Intake
from projections.engine.ports import FedTables
from projections.engine.projection import Projection


class Status(StrEnum):
    """What readers see of a build."""

    BUILDING = "building"
    ACTIVE = "active"
    RETIRED = "retired"


class CheckpointMoved(Exception):
    """A checkpoint does not stand where it was left: the build was dropped, or another runner feeds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One build. Readers read the active one of a name; `error` is why a failed one stands still.

    `event_id` is of the last event of the log up to `position`; None: not known. `parked` counts the events that it
    could not take in, and at which their streams stand still. `takes_over`: readers are to read it as soon as it has
    caught up.
    """

    name: str
    number: int
    version: int
    status: Status
    position: Position
    event_id: UUID | None = None
    error: str | None = None
    parked: int = 0
    takes_over: bool = False

    @property
    def schema(self) -> str:
        return f"{self.name}_b{self.number}"

    @property
    def state(self) -> str:
        """One word for people."""
        return "failed" if self.error else self.status.value


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedStream:
    """A stream that stands still in a build: the event that could not be taken in, and how many it holds back."""

    build: Build
    stream: str
    position: Position
    type: str
    error: str
    held_back: int
    parked_at: datetime


class Builds(Protocol):
    """Where builds and their checkpoints are kept. All methods raise StorageUnavailable."""

    async def prepare(self, projections: Sequence[Projection]) -> None:
        """Make an empty build of every read model that has none of its version; the first of a name is active."""

    async def known(self) -> Sequence[Build]:
        """All builds, and where they stand now."""

    async def changed(self) -> None:
        """Return when builds were made, switched or dropped since `known` was last asked."""

    def moving(
        self, builds: Sequence[Build], start: Position, to: Position, event_id: UUID | None = None
    ) -> AbstractAsyncContextManager[Mapping[str, FedTables]]:
        """One transaction that takes checkpoints from `start` to `to`, with the rows written inside or not at all.

        `event_id` is of the last event of the log up to `to`. Gives the tables of each build by its schema. Raises
        CheckpointMoved.
        """

    def attempt(self) -> AbstractAsyncContextManager[None]:
        """A part of a move, inside `moving`: when it raises, it leaves nothing behind, and the move can go on."""

    async def park(self, build: Build, intake: Intake) -> None:
        """Keep what was parked and held back, as a part of a move."""

    async def held(self) -> Mapping[str, Collection[str]]:
        """The streams that stand still, by the schema of the build."""

    async def recognised(self, build: Build, event_id: UUID | None) -> None:
        """Note the event where a build stands, and that the log is the one it was made from."""

    async def fail(self, build: Build, error: str) -> None:
        """Mark a build that stands still; moving its checkpoint clears the mark."""
