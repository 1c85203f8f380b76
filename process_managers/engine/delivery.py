"""Delivery of the commands that processes request: in order per stream, streams side by side, with retries."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from random import random
from typing import Any

import structlog

from commands.idempotency import CommandIdReused
from commands.ports import ANY, Codec, EventStore, NewEvent, StoreUnavailable
from commands.routes import Route
from domain.shared.backoff import Backoff
from domain.shared.errors import DomainError
from domain.shared.messages import name_of
from process_managers.engine.inputs import OutgoingCommand, Refusal
from process_managers.engine.journal import parked_command_stream
from process_managers.engine.parked_commands import parked, parked_command_id
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
        return Backoff(self.first, self.most).pause(attempt) * (0.5 + self.jitter() / 2)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers commands until each is carried out, refused or parked."""

    commands: Commands
    store: EventStore
    codec: Codec
    routes: Mapping[type[Any], Route]
    patience: Patience
    pause: Pause

    async def all_of(self, outgoing_commands: Sequence[OutgoingCommand]) -> list[Refusal]:
        """Those on one stream in their order, streams side by side. Answers with what was refused."""
        if len(outgoing_commands) == 1:
            return await self._in_order(outgoing_commands)
        lanes = dict[str, list[OutgoingCommand]]()
        for outgoing in outgoing_commands:
            lanes.setdefault(self._lane(outgoing), []).append(outgoing)
        refused = list[Refusal]()
        for outcome in await asyncio.gather(*map(self._in_order, lanes.values()), return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
            refused += outcome
        return refused

    def _lane(self, outgoing: OutgoingCommand) -> str:
        route = self.routes.get(type(outgoing.command))
        return "" if route is None else route.stream_of(outgoing.command)

    async def _in_order(self, outgoing_commands: Sequence[OutgoingCommand]) -> list[Refusal]:
        refused = list[Refusal]()
        for outgoing in outgoing_commands:
            try:
                await self._until_settled(outgoing)
            except CommandIdReused:
                pass  # the id is derived, so it was used by this same command
            except DomainError as refusal:
                log.info("command refused", **_names(outgoing), error=type(refusal).__name__)
                refused.append(Refusal(outgoing, type(refusal).__name__, refusal.detail))
        return refused

    async def _until_settled(self, outgoing: OutgoingCommand) -> None:
        attempt = lost = 0
        while True:
            try:
                await self.commands(outgoing.command, outgoing.metadata)
                return
            except DomainError:
                raise
            except StoreUnavailable:
                # Says nothing about the command, and without the store nothing could be parked either.
                lost += 1
                await self.pause(self.patience.pause(lost))
            except Exception as fault:
                attempt += 1
                log.warning("command failed", **_names(outgoing), attempt=attempt, error=repr(fault))
                if attempt >= self.patience.attempts:
                    await self._park(outgoing, fault, attempt)
                    return
                await self.pause(self.patience.pause(attempt))

    async def _park(self, outgoing: OutgoingCommand, fault: Exception, attempts: int) -> None:
        event = parked(outgoing, fault, attempts)
        new = NewEvent(parked_command_id(outgoing), name_of(event), self.codec.encode(event), outgoing.metadata)
        await until_stored(
            self.store, parked_command_stream(outgoing.metadata.command_id), new, self.patience, self.pause
        )
        log.error("command parked", **_names(outgoing), attempts=attempts, exc_info=fault)


async def until_stored(store: EventStore, stream: str, event: NewEvent, patience: Patience, pause: Pause) -> None:
    """Append an event whose id makes a repeat harmless, however long the store is away."""
    for attempt in count(1):
        try:
            await store.append(stream, [event], expected=ANY)
            return
        except StoreUnavailable:
            await pause(patience.pause(attempt))


def _names(outgoing: OutgoingCommand) -> dict[str, str]:
    return {
        "process": outgoing.process,
        "instance": outgoing.instance,
        "command": name_of(outgoing.command),
        "command_id": str(outgoing.metadata.command_id),
    }
