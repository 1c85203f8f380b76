"""Which orders are at rest: nothing is on its way for them any more."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.cart.events import CancellationRequested, CartCheckedOut, CartReopened
from domain.shared.journal import (
    CommandParked,
    CommandResent,
    CommandSkipped,
    InputParked,
    InputResent,
    InputSkipped,
    JournalEntry,
)
from domain.shared.recorded import Position, Recorded
from infra.audit.verdict import Check


@dataclass(slots=True)
class Cases:
    """Checkout, order, payment, reservations and processes of a purchase share one id: the case.

    `handled` is how far the processes have carried out what follows from the log; None: all of it.
    """

    handled: Position | None = None
    checkouts: set[str] = field(default_factory=set)
    reopened: set[str] = field(default_factory=set)
    _last: dict[str, Position] = field(default_factory=dict)
    _attention: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def see(self, case: str, recorded: Recorded[Any]) -> None:
        """Something happened to the case."""
        self._last[case] = recorded.position

    def see_checkout(self, recorded: Recorded[Any]) -> None:
        fact = recorded.fact
        self.see(fact.checkout_id, recorded)
        if isinstance(fact, CartReopened):
            self.reopened.add(fact.checkout_id)
        elif isinstance(fact, CartCheckedOut):
            self.checkouts.add(fact.checkout_id)

    def see_process(self, recorded: Recorded[Any]) -> None:
        fact = recorded.fact
        case = fact.instance.rpartition("/")[2]
        self.see(case, recorded)
        match fact:
            case JournalEntry(process=process, attention=None):
                self._seen_to(case, process)
            case JournalEntry(process=process):
                self._attention[case].add(process)
            case CommandResent(command_id=command) | CommandSkipped(command_id=command):
                self._seen_to(case, str(command))
            case CommandParked(command_id=command):
                self._attention[case].add(str(command))

    def see_unheard(self, recorded: Recorded[InputParked | InputResent | InputSkipped]) -> None:
        """A parked input or command is still to be handled, whatever the process handles meanwhile."""
        fact = recorded.fact
        if fact.instance is None:
            return
        case = fact.instance.rpartition("/")[2]
        self.see(case, recorded)
        if isinstance(fact, InputParked):
            self._attention[case].add(str(fact.entry_id))
        else:
            self._seen_to(case, str(fact.entry_id))

    def _seen_to(self, case: str, reason: str) -> None:
        if case in self._attention:
            self._attention[case].discard(reason)

    def at_rest(self, case: str, check: Check) -> bool:
        """Whether the case can be judged; otherwise the check has one more excuse."""
        waits = self.handled is not None and self._last.get(case, 0) > self.handled
        if waits or self._attention.get(case):
            check.excused += 1
            return False
        return True

    def under_way(self, case: str) -> bool:
        """Whether a shopper still waits for the end of the checkout."""
        return case in self.checkouts and case not in self.reopened

    @property
    def handlers(self) -> Mapping[type[Any], Any]:
        checkout = dict.fromkeys((CartCheckedOut, CartReopened, CancellationRequested), self.see_checkout)
        processes = dict.fromkeys((JournalEntry, CommandParked, CommandResent, CommandSkipped), self.see_process)
        return checkout | processes | dict.fromkeys((InputParked, InputResent, InputSkipped), self.see_unheard)
