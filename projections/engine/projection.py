"""A read model: its tables, and how a batch of events changes them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.shared.recorded import EventView
from projections.engine.ports import FedTables


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What the runner needs to know of a read model.

    `version` changes with the tables or with `project`; the runner then makes a new build beside the old one.
    `ddl` creates every table of `tables` in schema `{s}`, and those of `unproven`, which hold what depends on where
    batches end and are never compared. `project` gets a batch in global order, only events of `handles`, and never
    reads the clock, other read models or the outside: the same log makes the same rows.

    Until the new build has caught up, readers of a new version read the old one if it has the tables and columns they
    ask for. `readable_since` is for when these are there but mean something else: older builds are not read at all.

    `watches`: events of names that this version does not know are parked here, so that they are seen somewhere.
    """

    name: str
    version: int
    handles: tuple[type[Any], ...]
    tables: tuple[str, ...]
    ddl: str
    project: Callable[[Sequence[EventView[Any]], FedTables], Awaitable[None]]
    unproven: tuple[str, ...] = ()
    readable_since: int = 0
    watches: bool = False
