"""How far everything is done, while much is under way at once and ends in any order."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.shared.recorded import Position


@dataclass(slots=True, eq=False)
class Ticket:
    """Something under way. It is done when each of its parts is; its opener holds the first part."""

    _then: Callable[["Ticket"], None]
    _parts: int = 1

    def split(self) -> None:
        """One more part."""
        self._parts += 1

    def done(self) -> None:
        """One part less; the last one closes the ticket."""
        self._parts -= 1
        if self._parts == 0:
            self._then(self)


@dataclass(slots=True)
class Watermark:
    """`high` is how far the log was read, `low` how far all of it is done.

    What starts between two positions (a timer) holds `low` back like an event does: entries that follow from it are
    above `low` for as long as it is open.
    """

    high: Position
    _open: OrderedDict[Ticket, Position] = field(default_factory=OrderedDict)

    @property
    def low(self) -> Position:
        """Everything up to here is done."""
        return next(iter(self._open.values())) if self._open else self.high

    @property
    def under_way(self) -> int:
        """How many tickets are open."""
        return len(self._open)

    def open(self, then: Callable[[], None]) -> Ticket:
        """Start something behind `high`; `then` is called when it is done."""

        def close(ticket: Ticket) -> None:
            del self._open[ticket]
            then()

        ticket = Ticket(close)
        self._open[ticket] = self.high
        return ticket

    def passed(self, position: Position) -> None:
        """The log was read up to there, and a ticket is open for whatever follows from it."""
        self.high = position
