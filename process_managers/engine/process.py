"""A process is a decider whose input is an event and whose output is requests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from domain.shared.messages import event

S = TypeVar("S")


class UnknownProcess(LookupError):
    """This version has no process of that name; the one that stored it had."""


@event("process.timer_fired.v1")
class TimerFired:
    """Time passed, as an input: the timer `name` of the process was due."""

    process: str
    instance: str
    name: str
    due: datetime


@event("process.command_refused.v1")
class CommandRefused:
    """A command that the process requested was refused by its decider, for good."""

    process: str
    instance: str
    command_id: UUID
    command: str
    error: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """Fire at `due`; a timer of the same name is moved."""

    name: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTimer:
    """Cancel the timer; cancelling one that is not set changes nothing."""

    name: str


Request = Any
"""A command, a SetTimer or a CancelTimer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process(Generic[S]):
    """One business process, as pure functions.

    `instance_of` names the instance an event belongs to (None: not for this process). `evolve(state, input)` takes an
    input into the state. `react(before, after, input, at)` compares the two states and answers with requests; `at` is
    when the input was recorded, which a state must not depend on. `phase_of` is a word for people ("reserving");
    `attention_of` says why a person has to look, or None. `begins` are inputs that come first, as a rule: then no
    journal need be read before the append says otherwise.

    The inputs of a process are `handles`, TimerFired and CommandRefused. Each process names them as a union, and its
    matches end in `assert_never`, so that a forgotten input is a type error.
    """

    name: str
    handles: tuple[type[Any], ...]
    instance_of: Callable[[Any], str | None]
    initial: S
    evolve: Callable[[S, Any], S]
    react: Callable[[S, S, Any, datetime], Sequence[Request]]
    phase_of: Callable[[S], str]
    attention_of: Callable[[S], str | None]
    begins: tuple[type[Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A process without memory: its requests follow from one input alone, so it needs no journal."""

    name: str
    handles: tuple[type[Any], ...]
    instance_of: Callable[[Any], str | None]
    react: Callable[[Any, datetime], Sequence[Request]]
