"""The simulation is only worth its time if it finds bugs: here are some of the kind that shops really have."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from domain.payment.commands import RecordActionRequired, RecordAuthorisation, RecordFailure
from domain.payment.events import PaymentRequested
from domain.stock.commands import ReleaseReservation
from process_managers.catalogue import PROCESSES
from process_managers.ports import Gateway
from process_managers.process import Process, Reaction
from process_managers.watermark import Watermark
from tests.simulation.simulate import simulate
from tests.simulation.world import Variant

ENOUGH = 100


def found(variant: Variant) -> str:
    """What the first seed to find it says of the bug."""
    for seed in range(ENOUGH):
        try:
            simulate(seed, variant)
        except AssertionError as broken:
            return str(broken)
    return pytest.fail(f"{ENOUGH} seeds did not find it.")


def forgetting(process: Process[Any] | Reaction) -> Process[Any] | Reaction:
    """A process that never gives stock back."""
    if isinstance(process, Reaction):
        return process

    def react(state: Any, heard: Any, at: datetime) -> Sequence[Any]:
        return [request for request in process.react(state, heard, at) if not isinstance(request, ReleaseReservation)]

    return replace(process, react=react)


def test_a_forgotten_release_is_found() -> None:
    assert "Units are held for nobody" in found(Variant(processes=tuple(map(forgetting, PROCESSES))))


def test_a_checkpoint_before_delivery_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watermark, "low", property(lambda self: self.high))
    assert "crash" in found(Variant())


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


def test_a_charge_that_is_repeated_with_a_new_key_is_found() -> None:
    assert "are held at the gateway" in found(Variant(at_gateway=NewKeys))


def test_without_a_bug_nothing_is_found() -> None:
    for seed in range(10):
        simulate(seed)
