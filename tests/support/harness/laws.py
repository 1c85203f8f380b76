"""Playing commands against a decider, so that a law can be checked after every step."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from hypothesis import HealthCheck, settings

from domain.shared.decider import Decider
from domain.shared.errors import DomainError

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")

MOST = int(os.environ.get("COUNTERFOIL_EXAMPLES", "1000000"))
"""`make quick` takes fewer examples of each law."""


def examples(count: int) -> int:
    """How many examples a law takes in this run."""
    return min(count, MOST)


law = settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How hard a law is tried; with fewer examples planted bugs slip through."""


def play(decider: Decider[S, C, E], commands: Iterable[C]) -> Iterator[tuple[S, Sequence[E] | DomainError]]:
    """After each command: the state, and the facts that followed or the error that refused it."""
    state = decider.initial
    for command in commands:
        try:
            facts = decider.decide(state, command)
        except DomainError as refusal:
            yield state, refusal
            continue
        state = decider.replay(facts, since=state)
        yield state, facts
