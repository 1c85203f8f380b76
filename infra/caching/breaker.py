"""Redis when it answers, and something else when it does not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from infra.circuit import Circuit

T = TypeVar("T")

ANSWERS_WITHIN = 0.05


def redis_at(url: str) -> Redis:
    """A client that gives up after 50 ms: a cache that is slower than that is none. Raises ValueError."""
    return Redis.from_url(
        url, socket_timeout=ANSWERS_WITHIN, socket_connect_timeout=2 * ANSWERS_WITHIN, retry=None, max_connections=64
    )


@dataclass(slots=True)
class Breaker:
    """Around each call of Redis."""

    name: str
    clock: Callable[[], float] = monotonic
    _circuit: Circuit = field(init=False)

    def __post_init__(self) -> None:
        self._circuit = Circuit(f"redis for {self.name}", self.clock)

    async def call(self, work: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """The work's result, or the other one when Redis fails or is left alone."""
        if not self._circuit.lets_through():
            return otherwise
        try:
            result = await work()
        except (RedisError, OSError, TimeoutError) as error:
            self._circuit.failed(f"{type(error).__name__}: {error}")
            return otherwise
        self._circuit.succeeded()
        return result
