"""What processes need from the outside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from commands.ports import Appended, Seen
from domain.payment.commands import (
    RecordActionRequired,
    RecordAuthorisation,
    RecordCapture,
    RecordCaptureFailure,
    RecordFailure,
    RecordHoldExpired,
    RecordRefund,
    RecordRefundFailure,
    RecordVoid,
)
from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested
from domain.shared.recorded import Metadata, Position

AuthoriseAnswer = RecordAuthorisation | RecordActionRequired | RecordFailure | None
CaptureAnswer = RecordCapture | RecordCaptureFailure | RecordHoldExpired | None
VoidAnswer = RecordVoid | RecordCapture
RefundAnswer = RecordRefund | RecordRefundFailure | None


class GatewayUnavailable(Exception):
    """The gateway did not answer, or not sensibly; whether it acted is not known. Call again with the same key."""


class Gateway(Protocol):
    """Who holds and moves the money. Each answer is the command that records it.

    None: the gateway still works on it, and its answer comes by webhook.
    `key` makes a repeated call harmless: the gateway answers as it did the first time. All raise GatewayUnavailable.
    """

    async def authorise(self, asked: PaymentRequested, key: str) -> AuthoriseAnswer: ...

    async def capture(self, asked: CaptureRequested, key: str) -> CaptureAnswer:
        """Take `asked.amount` and release the rest."""

    async def void(self, asked: VoidRequested, key: str) -> VoidAnswer:
        """Give a hold back. If the money was taken meanwhile, the answer says so, and the payment refunds it."""

    async def refund(self, asked: RefundRequested, key: str) -> RefundAnswer: ...


class Commands(Protocol):
    """Carries out a command, on an aggregate or at the gateway.

    Raises DomainError (refused for good); anything else is a technical failure and worth another try.
    """

    async def __call__(self, command: object, metadata: Metadata, /) -> Appended | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A process instance to wake at `due`. Known by process, instance and name."""

    process: str
    instance: str
    name: str
    due: datetime
    correlation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledTimer:
    process: str
    instance: str
    name: str


class Progress(Protocol):
    """How far the runner has come, and which timers run. Both follow from the log and can be made anew from it."""

    async def position(self) -> Position:
        """Everything up to here is done."""

    async def ahead(self) -> Mapping[int, Position]:
        """Partitions of which more is done than that, for another runner had them last, and how far they are."""

    async def seen(self) -> Collection[Seen]:
        """All positions at which partitions stand, with the events there as far as they are known."""

    async def fill(self, seen: Seen) -> None:
        """Note the event of a position that was stored without one, by an earlier version."""

    async def advance(
        self, to: Position, timers: Sequence[Timer | CancelledTimer], event_id: UUID | None = None
    ) -> None:
        """Store position, with the last event up to there, and timers together, in this order, or not at all."""

    async def late(self, seconds: float, under_way: int) -> None:
        """Report the mean processing lag and how many inputs are under way, for the admission of new checkouts."""

    async def due(self, now: datetime, limit: int) -> Sequence[Timer]:
        """The timers that are due, earliest first."""

    async def fired(self, timers: Sequence[Timer]) -> None:
        """Forget timers that have fired, unless they have been set to another time since."""


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, in UTC."""
