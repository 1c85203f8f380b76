"""Which events of a batch go to which read model."""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from typing import Any

from domain.shared.recorded import EventView


def dispatched(
    facts: Iterable[EventView[Any]], handles: Sequence[Set[type[Any]]]
) -> Sequence[Sequence[EventView[Any]]]:
    """For each hearer the facts of its classes, in their order; every fact is looked at once, for all of them."""
    sorted_out: list[list[EventView[Any]]] = [[] for _ in handles]
    hearers = defaultdict[type[Any], list[list[EventView[Any]]]](list)
    for kinds, mine in zip(handles, sorted_out, strict=True):
        for kind in kinds:
            hearers[kind].append(mine)
    for recorded in facts:
        for mine in hearers.get(type(recorded.fact), ()):
            mine.append(recorded)
    return sorted_out
