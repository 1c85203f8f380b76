"""Faults to order: what goes wrong with the next calls."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .refusals import RpcRefusal, no_leader, not_leader, not_ready, timed_out, too_busy

NOT_LEADER, NO_LEADER, NOT_READY, TOO_BUSY = "not leader", "no leader", "not ready", "too busy"
STALL, TIMEOUT, LOST_ANSWER, REFUSAL = "stall", "timeout", "lost answer", "refusal"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong once. `method` is the RPC it waits for: "BatchAppend", "Read"; "" is any but Gossip."""

    kind: str
    method: str = ""
    seconds: float = 0.0
    leader: tuple[str, int] | None = None
    refusal: RpcRefusal | None = None

    def refused(self) -> RpcRefusal:
        """What an RPC says that has no better way to say it."""
        match self.kind:
            case "not leader":
                return not_leader(self.leader) if self.leader else no_leader()
            case "no leader":
                return no_leader()
            case "not ready":
                return not_ready()
            case "too busy":
                return too_busy()
            case "timeout":
                return timed_out("")
        assert self.refusal
        return self.refusal


@dataclass(slots=True)
class Faults:
    """Each order is met by the next `times` calls of that method, in the order of ordering."""

    drop: Callable[[], None] = lambda: None
    waiting: deque[Fault] = field(default_factory=deque)
    too_slow: asyncio.Event = field(default_factory=asyncio.Event)

    def not_leader(self, host: str, port: int, times: int = 1, method: str = "") -> None:
        self.order(Fault(NOT_LEADER, method, leader=(host, port)), times)

    def no_leader(self, times: int = 1, method: str = "") -> None:
        self.order(Fault(NO_LEADER, method), times)

    def not_ready(self, times: int = 1, method: str = "") -> None:
        self.order(Fault(NOT_READY, method), times)

    def too_busy(self, times: int = 1, method: str = "") -> None:
        self.order(Fault(TOO_BUSY, method), times)

    def stall(self, seconds: float, times: int = 1, method: str = "") -> None:
        """The call is answered, but so much later."""
        self.order(Fault(STALL, method, seconds=seconds), times)

    def timeout(self, times: int = 1, method: str = "BatchAppend") -> None:
        """The server gives up: nothing is written, and it says that its own deadline is over."""
        self.order(Fault(TIMEOUT, method), times)

    def lose_answer(self, times: int = 1, method: str = "BatchAppend") -> None:
        """The append is written, but its connection goes before the client hears of it."""
        self.order(Fault(LOST_ANSWER, method), times)

    def refuse(self, refusal: RpcRefusal, times: int = 1, method: str = "") -> None:
        self.order(Fault(REFUSAL, method, refusal=refusal), times)

    def slow_consumers(self) -> None:
        """Every subscription there is now is told that its consumer is too slow."""
        self.too_slow.set()
        self.too_slow = asyncio.Event()

    def drop_connections(self) -> None:
        """Every connection breaks now. The server listens on."""
        self.drop()

    def order(self, fault: Fault, times: int = 1) -> None:
        self.waiting.extend([fault] * times)

    def next_for(self, method: str) -> Fault | None:
        for fault in self.waiting:
            if fault.method == method or (not fault.method and method != "Gossip.Read"):
                self.waiting.remove(fault)
                return fault
        return None
