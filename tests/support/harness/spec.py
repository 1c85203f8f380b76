"""given(facts).when(commands).then(facts): a rule as a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import pytest

from domain.shared.decider import Decider
from domain.shared.errors import DomainError

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")
D = TypeVar("D", bound=DomainError)


@dataclass(frozen=True, slots=True)
class Spec(Generic[S, C, E]):
    """What has happened so far."""

    decider: Decider[S, C, E]
    facts: tuple[E, ...] = ()

    def given(self, *facts: E) -> "Spec[S, C, E]":
        """These facts too, oldest first."""
        return replace(self, facts=self.facts + facts)

    def when(self, *commands: C) -> "Asked[S, C, E]":
        """Something is asked."""
        return Asked(self, commands)

    @property
    def state(self) -> S:
        """What the facts add up to."""
        return self.decider.replay(self.facts)


@dataclass(frozen=True, slots=True)
class Asked(Generic[S, C, E]):
    """What has happened, and the commands that come next."""

    story: Spec[S, C, E]
    commands: tuple[C, ...]

    def then(self, *facts: E) -> None:
        """Exactly these facts follow, in this order."""
        assert self._answers(self.commands) == facts

    def refused(self, error: type[D]) -> D:
        """The last command is refused with exactly this error, in a sentence; no fact follows. Returns the error."""
        before = self.story.given(*self._answers(self.commands[:-1]))
        state = before.state
        with pytest.raises(error) as refusal:
            self.story.decider.decide(state, self.commands[-1])
        assert type(refusal.value) is error
        assert state == before.state
        assert is_sentence(refusal.value.detail), refusal.value.detail
        return refusal.value

    def _answers(self, commands: Sequence[C]) -> tuple[E, ...]:
        decider, state, facts = self.story.decider, self.story.state, tuple[E, ...]()
        for command in commands:
            new = tuple(decider.decide(state, command))
            state = decider.replay(new, since=state)
            facts += new
        return facts


def is_sentence(text: str) -> bool:
    """Words that begin with no small letter and end with a full stop, as people get to read them."""
    return " " in text and text.endswith(".") and not text[0].islower() and text != text.upper()
