"""given(inputs).when(input).then(requests): a business process as a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from process_managers.engine.process import Process, Request
from tests.support.builders.strategies import NOON

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class ProcessSpec(Generic[S]):
    """What a process has heard so far."""

    process: Process[S]
    heard: tuple[Any, ...] = ()

    def given(self, *inputs: Any) -> "ProcessSpec[S]":
        """It heard these too, in this order."""
        return replace(self, heard=self.heard + inputs)

    def when(self, heard: Any, at: datetime = NOON) -> "Heard[S]":
        """It hears this next."""
        return Heard(self.given(heard), heard, at)

    @property
    def state(self) -> S:
        """What the inputs add up to."""
        return self.fold(self.heard)

    def fold(self, inputs: Sequence[Any]) -> S:
        """What some inputs add up to."""
        state = self.process.initial
        for heard in inputs:
            state = self.process.evolve(state, heard)
        return state


@dataclass(frozen=True, slots=True)
class Heard(Generic[S]):
    """A process that has just heard something."""

    story: ProcessSpec[S]
    last: Any
    at: datetime

    def then(self, *requests: Request) -> None:
        """It asks for exactly this, in this order."""
        assert tuple(self.requests) == requests

    def shows(self, phase: str, attention: str | None = None) -> None:
        """What people see of it."""
        process, state = self.story.process, self.story.state
        assert (process.phase_of(state), process.attention_of(state)) == (phase, attention)

    @property
    def requests(self) -> Sequence[Request]:
        return self.story.process.react(self.story.fold(self.story.heard[:-1]), self.story.state, self.last, self.at)
