"""Faults to order: what goes wrong with the next requests of a route."""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Before: nothing is done. After: it is done, and its answer kept under the key."""

    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"
    STALL_BEFORE = "stall_before"
    STALL_AFTER = "stall_after"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    ERROR_KEPT = "error_kept"
    RATE_LIMITED = "rate_limited"
    LOCK_TIMEOUT = "lock_timeout"
    KEY_IN_USE = "key_in_use"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong once. `route` is the one it waits for ("refunds.create"); "" is any."""

    kind: Kind
    route: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Faults:
    """Each order is met by the next `times` requests of that route, in the order of ordering."""

    waiting: deque[Fault] = field(default_factory=deque)

    def cut_before(self, route: str = "", times: int = 1) -> None:
        """The connection breaks, and nothing was done."""
        self.order(Fault(Kind.CUT_BEFORE, route), times)

    def cut_after(self, route: str = "", times: int = 1) -> None:
        """It is done, but the connection breaks before the client hears of it."""
        self.order(Fault(Kind.CUT_AFTER, route), times)

    def stall_before(self, seconds: float, route: str = "", times: int = 1) -> None:
        """It is done so much later; its key is in use meanwhile."""
        self.order(Fault(Kind.STALL_BEFORE, route, seconds), times)

    def stall_after(self, seconds: float, route: str = "", times: int = 1) -> None:
        """It is done at once, and answered so much later; its key is in use meanwhile."""
        self.order(Fault(Kind.STALL_AFTER, route, seconds), times)

    def error_before(self, route: str = "", times: int = 1) -> None:
        """500, and nothing was done."""
        self.order(Fault(Kind.ERROR_BEFORE, route), times)

    def error_after(self, route: str = "", times: int = 1) -> None:
        """500, though it was done; the same key gets the answer."""
        self.order(Fault(Kind.ERROR_AFTER, route), times)

    def error_kept(self, route: str = "", times: int = 1) -> None:
        """500, though it was done, and 500 again for the same key: Stripe keeps answers, "including 500 errors"."""
        self.order(Fault(Kind.ERROR_KEPT, route), times)

    def rate_limited(self, route: str = "", times: int = 1) -> None:
        self.order(Fault(Kind.RATE_LIMITED, route), times)

    def lock_timeout(self, route: str = "", times: int = 1) -> None:
        self.order(Fault(Kind.LOCK_TIMEOUT, route), times)

    def key_in_use(self, route: str = "", times: int = 1) -> None:
        self.order(Fault(Kind.KEY_IN_USE, route), times)

    def order(self, fault: Fault, times: int = 1) -> None:
        self.waiting.extend([fault] * times)

    def next_for(self, route: str) -> Fault | None:
        for fault in self.waiting:
            if fault.route in ("", route):
                self.waiting.remove(fault)
                return fault
        return None
