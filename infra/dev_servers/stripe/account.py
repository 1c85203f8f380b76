"""The account: every object, event and future happening of the server."""

import copy
import heapq
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from infra.dev_servers.stripe.clock import MovableClock
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.refusals import missing

VERSION = "2026-08-26.dahlia"
KINDS = {
    "payment_intent": "pi",
    "charge": "ch",
    "refund": "re",
    "dispute": "du",
    "balance_transaction": "txn",
    "customer": "cus",
    "payment_method": "pm",
    "setup_intent": "seti",
    "confirmation_token": "ctoken",
    "event": "evt",
}
WITHOUT_MODE = ("balance_transaction", "refund")
EVENTS_LAST = timedelta(days=30)

Then = Callable[[], None]


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


@dataclass(slots=True, eq=False)
class Account:
    """Objects by kind and id, in the order of their creation. One request at a time changes them."""

    clock: MovableClock
    heard: Callable[[Json], None] = lambda _: None
    """Called with each event."""
    page: Callable[[str], str] = lambda intent: intent
    """Where shoppers prove who they are (3-D Secure), by the id of the intent."""
    objects: dict[str, dict[str, Json]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    changed: dict[str, datetime] = field(default_factory=dict)
    """When each object was last changed: what search knows of it."""
    request: Json = field(default_factory=lambda: {"id": None, "idempotency_key": None})
    _future: list[tuple[datetime, int, Then]] = field(default_factory=list)
    _order: Any = field(default_factory=count)
    _at: datetime | None = None

    def now(self) -> datetime:
        """The time of what happens, which lies in the past where a moved clock went over it."""
        return self._at or self.clock()

    def seconds(self) -> int:
        return int(self.now().timestamp())

    def add(self, kind: str, **fields: Any) -> Json:
        made = {
            "id": new_id(KINDS[kind]),
            "object": kind,
            "created": self.seconds(),
            **({} if kind in WITHOUT_MODE else {"livemode": False}),
            **fields,
        }
        self.objects[kind][made["id"]] = made
        self.changed[made["id"]] = self.now()
        return made

    def find(self, kind: str, id: str, param: str = "id", status: int = 404) -> Json:
        """Raises Refused."""
        try:
            return self.objects[kind][id]
        except KeyError:
            raise missing(kind, id, param, status) from None

    def all(self, kind: str) -> list[Json]:
        """Newest first."""
        return list(reversed(self.objects[kind].values()))

    def tell(self, type: str, about: Json) -> None:
        """Note an event, with the object as it is now."""
        self.changed[about["id"]] = self.now()
        event = self.add(
            "event",
            api_version=VERSION,
            data={"object": copy.deepcopy(about)},
            pending_webhooks=0,
            request=dict(self.request),
            type=type,
        )
        self.heard(event)

    def later(self, pause: timedelta, then: Then) -> None:
        heapq.heappush(self._future, (self.now() + pause, next(self._order), then))

    def catch_up(self) -> None:
        """Let everything happen that is due, each at its own time."""
        asked, self.request = self.request, {"id": None, "idempotency_key": None}
        try:
            while self._future and self._future[0][0] <= self.clock():
                self._at, _, then = heapq.heappop(self._future)
                then()
        finally:
            self._at, self.request = None, asked
        self._forget_events()

    def _forget_events(self) -> None:
        oldest = (self.clock() - EVENTS_LAST).timestamp()
        events = self.objects["event"]
        for id, event in list(events.items()):
            if event["created"] >= oldest:
                break
            del events[id]
