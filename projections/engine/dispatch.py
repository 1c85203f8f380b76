"""Who hears what of a batch."""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from typing import Any

from domain.shared.recorded import Noted


def dealt(facts: Iterable[Noted[Any]], hears: Sequence[Set[type[Any]]]) -> Sequence[Sequence[Noted[Any]]]:
    """For each hearer the facts of its classes, in their order; every fact is looked at once, for all of them."""
    heard: list[list[Noted[Any]]] = [[] for _ in hears]
    hearers = defaultdict[type[Any], list[list[Noted[Any]]]](list)
    for kinds, mine in zip(hears, heard, strict=True):
        for kind in kinds:
            hearers[kind].append(mine)
    for recorded in facts:
        for mine in hearers.get(type(recorded.fact), ()):
            mine.append(recorded)
    return heard
