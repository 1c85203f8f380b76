"""How many may be connected, for how long they are waited for, and who makes room."""

import math
import resource
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from starlette.types import Scope

from infra.http.bodies import Bodies
from infra.http.callers import UNKNOWN, TrustedProxies, counted
from infra.http.slots import Slots

if TYPE_CHECKING:
    from infra.http.protocol import Connection

MOST = 10_000
EACH = 2_500
TELL_EVERY = 10.0
SPARE_FILES = 100
"""What is left of the process's files for the database, logs and the like."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds that a peer is given, and bytes."""

    headers: float = 10.0
    body: float = 30.0
    rest: float = 2.0
    """For the rest of a body whose request is answered already: who sends too much shall still read why."""

    dawdling: float = 1.0
    """For headers or a body, before another connection may get the place."""

    unread: float = 10.0
    """Between two looks whether a peer has read anything of its answer."""

    answers: float = 2.5
    """For answers that are under way when the server is asked to end."""

    largest_headers: int = 32_768


@dataclass(slots=True)
class ConnectionSlots:
    """Who is connected: at most `most`, and `each` from one address unless that is a proxy's."""

    most: int = MOST
    each: int = EACH
    patience: Patience = field(default_factory=Patience)
    proxies: TrustedProxies = field(default_factory=TrustedProxies)
    origins: frozenset[bytes] = frozenset()
    """Whose pages may read what is refused here."""

    refusal: Callable[[bytes, Scope], bytes | None] = lambda _url, _scope: None
    """The problem (503) to answer this request with; None: it is passed on."""

    bodies: Bodies["Connection"] = field(default_factory=Bodies)
    places: Slots["Connection"] = field(init=False)
    lost: int = 0
    """Places and bodies that other connections got."""

    _told: float = -math.inf

    def __post_init__(self) -> None:
        self.places = Slots(self.each, self.patience.dawdling)

    def warn(self) -> None:
        """Count a place or a body that is lost to another connection; log it at a bounded rate."""
        self.lost += 1
        if (now := monotonic()) >= self._told + TELL_EVERY:
            self._told = now
            log.warning(
                "connections crowded",
                connections=len(self.places),
                idle=len(self.places.all.idle),
                slow=len(self.places.all.slow),
                body_bytes=self.bodies.held,
                lost=self.lost,
            )

    def caller(self, peer: tuple[str, int] | None) -> str | None:
        """The address that a connection counts for; None: it is a proxy's, and carries the requests of many."""
        address = peer[0] if peer else UNKNOWN
        return None if self.proxies.trusts(address) else counted(address)


def room_for(most: int) -> int:
    """How many connections there can be, with as many files as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most + SPARE_FILES
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
        soft = min(wanted, hard)
    return min(most, soft - SPARE_FILES)
