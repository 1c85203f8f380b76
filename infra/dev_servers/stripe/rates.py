"""Rate limits: so many requests in a second, of the account and of each endpoint."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from infra.dev_servers.stripe.refusals import rate_limited


@dataclass(slots=True)
class Rates:
    """Stripe's defaults ("Rate limits"). Seconds are real ones, whatever the clock of the server says."""

    per_second: int = 100
    per_second_and_route: int = 25
    clock: Callable[[], float] = time.monotonic
    _seen: dict[str, deque[float]] = field(default_factory=dict)

    def admit(self, route: str) -> None:
        """Raises Refused."""
        for name, limit in (("", self.per_second), (route, self.per_second_and_route)):
            seen = self._seen.setdefault(name, deque())
            while seen and seen[0] <= self.clock() - 1:
                seen.popleft()
            if len(seen) >= limit:
                raise rate_limited("endpoint-rate" if name else "global-rate")
        for name in ("", route):
            self._seen[name].append(self.clock())
