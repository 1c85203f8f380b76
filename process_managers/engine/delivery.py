"""Carrying out what processes ask for: side by side, in order per stream, with patience."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from random import random
from typing import Any

import structlog

from commands.handler import CommandIdReused
from commands.ports import ANY, Codec, EventStore, NewEvent, StoreUnavailable
from commands.routes import Route
from domain.shared.errors import DomainError
from domain.shared.messages import name_of
from process_managers.engine.inputs import Errand, Refusal
from process_managers.engine.journal import parking_stream
from process_managers.engine.parked_commands import parked, parking_id
from process_managers.engine.ports import Commands

Pause = Callable[[float], Awaitable[None]]
"""Wait so many seconds. Raises Stopping when the wait is not worth while any more."""

log = structlog.get_logger()


class Stopping(Exception):
    """The runner ends; what is not done stays undone and is found again from the checkpoint."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a command is tried, and how long between: doubled each time, up to `most` seconds.

    Jitter keeps many that failed together from coming back together.
    """

    attempts: int = 10
    first: float = 0.1
    most: float = 10.0
    jitter: Callable[[], float] = random

    def pause(self, attempt: int) -> float:
        """Seconds to wait after that attempt, counted from 1."""
        return min(self.most, self.first * 2.0 ** min(attempt - 1, 30)) * (0.5 + self.jitter() / 2)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers errands until each is carried out, refused or parked."""

    commands: Commands
    store: EventStore
    codec: Codec
    routes: Mapping[type[Any], Route]
    patience: Patience
    pause: Pause

    async def all_of(self, errands: Sequence[Errand]) -> list[Refusal]:
        """Those on one stream in their order, streams side by side. Answers with what was refused."""
        if len(errands) == 1:
            return await self._in_order(errands)
        lanes = dict[str, list[Errand]]()
        for errand in errands:
            lanes.setdefault(self._lane(errand), []).append(errand)
        refused = list[Refusal]()
        for outcome in await asyncio.gather(*map(self._in_order, lanes.values()), return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
            refused += outcome
        return refused

    def _lane(self, errand: Errand) -> str:
        route = self.routes.get(type(errand.command))
        return "" if route is None else route.stream_of(errand.command)

    async def _in_order(self, errands: Sequence[Errand]) -> list[Refusal]:
        refused = list[Refusal]()
        for errand in errands:
            try:
                await self._until_settled(errand)
            except CommandIdReused:
                pass  # the id is derived, so whoever used it was this command
            except DomainError as refusal:
                log.info("command refused", **_names(errand), error=type(refusal).__name__)
                refused.append(Refusal(errand, type(refusal).__name__, refusal.detail))
        return refused

    async def _until_settled(self, errand: Errand) -> None:
        attempt = lost = 0
        while True:
            try:
                await self.commands(errand.command, errand.metadata)
                return
            except DomainError:
                raise
            except StoreUnavailable:
                # Says nothing about the command, and without the store nothing could be parked either.
                lost += 1
                await self.pause(self.patience.pause(lost))
            except Exception as fault:
                attempt += 1
                log.warning("command failed", **_names(errand), attempt=attempt, error=type(fault).__name__)
                if attempt >= self.patience.attempts:
                    await self._park(errand, fault, attempt)
                    return
                await self.pause(self.patience.pause(attempt))

    async def _park(self, errand: Errand, fault: Exception, attempts: int) -> None:
        event = parked(errand, fault, attempts)
        new = NewEvent(parking_id(errand), name_of(event), self.codec.encode(event), errand.metadata)
        await until_stored(self.store, parking_stream(errand.metadata.command_id), new, self.patience, self.pause)
        log.error("command parked", **_names(errand), attempts=attempts, error=type(fault).__name__)


async def until_stored(store: EventStore, stream: str, event: NewEvent, patience: Patience, pause: Pause) -> None:
    """Append an event whose id makes a repeat harmless, however long the store is away."""
    for attempt in count(1):
        try:
            await store.append(stream, [event], expected=ANY)
            return
        except StoreUnavailable:
            await pause(patience.pause(attempt))


def _names(errand: Errand) -> dict[str, str]:
    return {
        "process": errand.process,
        "instance": errand.instance,
        "command": name_of(errand.command),
        "command_id": str(errand.metadata.command_id),
    }
