"""Ports with a point before and after each effect, where a test may wait, fail, or pull the plug."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from commands.ports import NO_STREAM, Appended, EventStore, Expected, NewEvent, Page, Record
from domain.payment.commands import (
    RecordActionRequired,
    RecordAuthorisation,
    RecordCapture,
    RecordCaptureFailure,
    RecordFailure,
    RecordRefund,
    RecordRefundFailure,
    RecordVoid,
)
from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested
from domain.shared.recorded import Metadata, Position
from process_managers.engine.ports import CancelledTimer, Commands, Gateway, Progress, Timer

T = TypeVar("T")

Point = Callable[[str], Awaitable[None]]
"""Awaited with what is about to happen (`append?`) or has just happened (`append!`)."""


class Crash(BaseException):
    """The process is gone, at once and with all that it knew."""


@dataclass(slots=True)
class Plug:
    """Pulled at the n-th point; from then on the process does nothing any more."""

    at: int
    passed: list[str] = field(default_factory=list)

    async def point(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) >= self.at:
            raise Crash


@dataclass(frozen=True, slots=True)
class WatchedStore:
    """Implements commands.ports.EventStore."""

    store: EventStore
    point: Point

    async def append(self, stream: str, events: Sequence[NewEvent], *, expected: Expected) -> Appended:
        await self.point("append?")
        appended = await self.store.append(stream, events, expected=expected)
        await self.point("append!")
        return appended

    async def read(self, stream: str, *, after: int = NO_STREAM, limit: int | None = None) -> Sequence[Record]:
        await self.point("read?")
        return await self.store.read(stream, after=after, limit=limit)

    async def read_all(self, *, after: Position, limit: int, types: Collection[str] | None = None) -> Page:
        return await self.store.read_all(after=after, limit=limit, types=types)

    async def subscribe(
        self, *, after: Position, types: Collection[str] | None = None, batch: int = 1000
    ) -> AsyncIterator[Page]:
        async for page in self.store.subscribe(after=after, types=types, batch=batch):
            await self.point("page!")
            yield page

    async def head(self) -> Position:
        return await self.store.head()


@dataclass(frozen=True, slots=True)
class WatchedCommands:
    """Implements process_managers.engine.ports.Commands."""

    commands: Commands
    point: Point

    async def __call__(self, command: object, metadata: Metadata) -> Appended | None:
        await self.point("command?")
        appended = await self.commands(command, metadata)
        await self.point("command!")
        return appended


@dataclass(frozen=True, slots=True)
class WatchedGateway:
    """Implements process_managers.engine.ports.Gateway."""

    gateway: Gateway
    point: Point

    async def authorise(
        self, asked: PaymentRequested, key: str
    ) -> RecordAuthorisation | RecordActionRequired | RecordFailure | None:
        return await self._watched(self.gateway.authorise(asked, key))

    async def capture(self, asked: CaptureRequested, key: str) -> RecordCapture | RecordCaptureFailure:
        return await self._watched(self.gateway.capture(asked, key))

    async def void(self, asked: VoidRequested, key: str) -> RecordVoid:
        return await self._watched(self.gateway.void(asked, key))

    async def refund(self, asked: RefundRequested, key: str) -> RecordRefund | RecordRefundFailure:
        return await self._watched(self.gateway.refund(asked, key))

    async def _watched(self, call: Coroutine[Any, Any, T]) -> T:
        with closing(call):
            await self.point("command?")
            answer = await call
            await self.point("command!")
            return answer


@dataclass(frozen=True, slots=True)
class WatchedProgress:
    """Implements process_managers.engine.ports.Progress."""

    progress: Progress
    point: Point

    async def position(self) -> Position:
        return await self.progress.position()

    async def ahead(self) -> Mapping[int, Position]:
        return await self.progress.ahead()

    async def advance(self, to: Position, timers: Sequence[Timer | CancelledTimer]) -> None:
        await self.point("advance?")
        await self.progress.advance(to, timers)
        await self.point("advance!")

    async def late(self, seconds: float, under_way: int) -> None:
        await self.progress.late(seconds, under_way)

    async def due(self, now: datetime, limit: int) -> Sequence[Timer]:
        return await self.progress.due(now, limit)

    async def fired(self, timers: Sequence[Timer]) -> None:
        await self.point("fired?")
        await self.progress.fired(timers)
        await self.point("fired!")
