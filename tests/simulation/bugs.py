"""Bugs of the kind that shops really have, to be planted."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

from domain.payment.commands import RecordActionRequired, RecordAuthorisation, RecordFailure
from domain.payment.events import PaymentRequested
from domain.stock.commands import ReleaseReservation
from process_managers.engine.ports import Gateway
from process_managers.engine.process import Process, Reaction


def forgetting(process: Process[Any] | Reaction) -> Process[Any] | Reaction:
    """A process that never gives stock back."""
    if isinstance(process, Reaction):
        return process

    def react(before: Any, after: Any, message: Any, at: datetime) -> Sequence[Any]:
        return [
            request
            for request in process.react(before, after, message, at)
            if not isinstance(request, ReleaseReservation)
        ]

    return replace(process, react=react)


@dataclass(slots=True)
class NewKeys:
    """A gateway adapter that makes a new idempotency key for each try."""

    gateway: Gateway
    numbers: "count[int]" = field(default_factory=count)

    async def authorise(
        self, asked: PaymentRequested, key: str
    ) -> RecordAuthorisation | RecordActionRequired | RecordFailure | None:
        return await self.gateway.authorise(asked, f"{key}:{next(self.numbers)}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.gateway, name)
