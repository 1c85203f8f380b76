"""A decider: request -> facts, fact -> state, and nothing else."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Decider(Generic[S, C, E]):
    """Pure rules of one aggregate.

    `decide` answers a command with the facts that follow from it, or raises a DomainError; `evolve` takes a fact
    into the state and has no rules, for facts are settled.
    """

    initial: S
    decide: Callable[[S, C], Sequence[E]]
    evolve: Callable[[S, E], S]

    def replay(self, facts: Iterable[E], since: S | None = None) -> S:
        """Fold facts, oldest first, from the beginning or from a state known already."""
        return reduce(self.evolve, facts, self.initial if since is None else since)
