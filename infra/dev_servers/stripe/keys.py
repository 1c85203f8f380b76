"""Idempotency keys: the first answer of each, for a day."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from infra.dev_servers.stripe.clock import MovableClock
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.refusals import Refused, invalid

LASTS = timedelta(hours=24)
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Kept:
    """What was answered to which request."""

    request: tuple[str, str, str]
    status: int
    body: Json
    request_id: str
    at: datetime


@dataclass(slots=True)
class Keys:
    """Stripe's rules ("Idempotent requests")."""

    clock: MovableClock
    kept: dict[str, Kept] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)

    @contextmanager
    def held(self, key: str) -> Iterator[None]:
        """The key is in use. Raises Refused if it is already."""
        if len(key) > LONGEST:
            raise invalid(f"Idempotency key must be at most {LONGEST} characters", "")
        if key in self.under_way:
            raise in_use(key)
        self.under_way.add(key)
        try:
            yield
        finally:
            self.under_way.discard(key)

    def answer(self, key: str, request: tuple[str, str, str]) -> Kept | None:
        """What was answered before. Raises Refused when it was to another request."""
        found = self.kept.get(key)
        if found is None or found.at + LASTS <= self.clock():
            return None
        if found.request != request:
            same = "endpoint" if found.request[:2] != request[:2] else "parameters"
            raise Refused(
                status=400,
                type="idempotency_error",
                message=(
                    f"Keys for idempotent requests can only be used for the same {same} they were first used with."
                    f" Try using a key other than '{key}' if you meant to execute a different request."
                ),
                kept=False,
            )
        return found

    def keep(self, key: str, request: tuple[str, str, str], status: int, body: Json, request_id: str) -> None:
        self.kept[key] = Kept(request, status, body, request_id, self.clock())


def in_use(key: str) -> Refused:
    return Refused(
        status=409,
        code="idempotency_key_in_use",
        message=(
            "There is currently another in-progress request using this Idempotent Key (that probably means you"
            f" submitted twice, and the other request is still going through): {key}."
        ),
        headers={"Stripe-Should-Retry": "true"},
        kept=False,
    )
