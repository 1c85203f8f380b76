"""How one line of a checkout is spread over warehouses.

All of it is reserved at the best warehouse, else at the next, for one parcel is better than two. When no warehouse has
all of it, each is to reserve what it can promise, the best one first, until the line is complete. The units of a
warehouse that has less by then are reserved at the others; when they have too few, the line is short.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from immutables import Map

from domain.shared.frozen import replace
from domain.shared.ids import Warehouse
from domain.stock.events import ReservationDeclined, Shortage


class Hold(StrEnum):
    """What a warehouse has answered about its part of a line."""

    NOTHING_YET = "nothing yet"
    HELD = "held"
    COMMITTED = "committed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Part:
    """Units that one warehouse is to hold."""

    quantity: int
    hold: Hold = Hold.NOTHING_YET


@dataclass(frozen=True, slots=True)
class Line:
    """So many units, the warehouses that are to hold them, and what the others could promise instead.

    `cause` is what allowed no more when a warehouse declined last. A line that is `short` cannot be had.
    """

    quantity: int
    parts: Map[Warehouse, Part] = field(default_factory=Map)
    offered: Map[Warehouse, int] = field(default_factory=Map)
    cause: Shortage = Shortage.STOCK
    short: bool = False

    @property
    def missing(self) -> int:
        """Units that no warehouse is to hold yet."""
        return self.quantity - sum(part.quantity for part in self.parts.values())

    @property
    def obtainable(self) -> int:
        """The units that can be had, as far as the warehouses have said."""
        free = sum(units for warehouse, units in self.offered.items() if warehouse not in self.parts)
        return min(self.quantity, self.quantity - self.missing + free)

    def all_parts(self, hold: Hold) -> bool:
        """Whether the line is complete and every part is in that state."""
        return self.missing == 0 and all(part.hold is hold for part in self.parts.values())

    def waits(self) -> bool:
        """Whether a warehouse still owes an answer."""
        return any(part.hold is Hold.NOTHING_YET for part in self.parts.values())


def begun(quantity: int, warehouses: Sequence[Warehouse]) -> Line:
    """All of the line is to be held at the best warehouse."""
    return Line(quantity, Map({warehouses[0]: Part(quantity)}))


def with_part(line: Line, warehouse: Warehouse, hold: Hold) -> Line:
    """The line after a warehouse has said more of its part."""
    return replace(line, parts=line.parts.set(warehouse, replace(line.parts[warehouse], hold=hold)))


def declined(line: Line, warehouses: Sequence[Warehouse], fact: ReservationDeclined) -> Line:
    """The line after a warehouse declined its part: to be held elsewhere, or short."""
    line = replace(
        line,
        parts=line.parts.delete(fact.warehouse),
        offered=line.offered.set(fact.warehouse, fact.available),
        cause=fact.cause if fact.cause is not Shortage.STOCK else line.cause,
    )
    untried = [warehouse for warehouse in warehouses if warehouse not in line.offered]
    if not line.parts and untried:
        return _with_new_part(line, untried[0], line.quantity)
    if line.obtainable < line.quantity:
        return replace(line, short=True)
    for warehouse in warehouses:
        if warehouse not in line.parts and (units := min(line.missing, line.offered.get(warehouse, 0))):
            line = _with_new_part(line, warehouse, units)
    return line


def _with_new_part(line: Line, warehouse: Warehouse, units: int) -> Line:
    return replace(line, parts=line.parts.set(warehouse, Part(units)))
