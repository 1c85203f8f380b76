"""OpenSearch when it is well, PostgreSQL when it is not: a circuit breaker, and an engine that says what it did."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import structlog

from infra.opensearch.client import translated
from projections.search.question import Found, Question, SearchEngine, SearchUnavailable

T = TypeVar("T")

PATIENCE = 1.0
FAILURES, REST = 3, 5.0
RESTING = "OpenSearch failed a moment ago and is left in peace."
FRESH = "The question names a position, and PostgreSQL knows when it has reached it."

log = structlog.get_logger()


@dataclass(slots=True)
class Breaker:
    """After so many failures in a row nobody asks for `rest` seconds; then one asks, and the others wait for them."""

    failures: int = FAILURES
    rest: float = REST
    clock: Callable[[], float] = time.monotonic
    _failed: int = 0
    _until: float = 0.0

    def lets_through(self) -> bool:
        if self._failed < self.failures:
            return True
        if self.clock() < self._until:
            return False
        self._until = self.clock() + self.rest
        return True

    def succeeded(self) -> None:
        if self._failed >= self.failures:
            log.info("search engine is back")
        self._failed = 0

    def failed(self, reason: str) -> None:
        self._failed += 1
        if self._failed == self.failures:
            log.warning("search engine is left in peace", reason=reason, seconds=self.rest)
        if self._failed >= self.failures:
            self._until = self.clock() + self.rest


@dataclass(frozen=True, slots=True)
class WithFallback:
    """Implements SearchEngine. `fresh` asks the second engine at once; so does an open circuit."""

    first: SearchEngine
    second: SearchEngine
    breaker: Breaker
    fresh: bool = False
    patience: float = PATIENCE

    async def search(self, question: Question, at: datetime) -> Found:
        found, instead = await self._tried(lambda engine: engine.search(question, at))
        return found if instead is None else replace(found, instead=instead)

    async def complete(self, beginning: str, size: int) -> Sequence[str]:
        names, _ = await self._tried(lambda engine: engine.complete(beginning, size))
        return names

    async def _tried(self, ask: Callable[[SearchEngine], Awaitable[T]]) -> tuple[T, str | None]:
        """The answer, and why it is not the first engine's."""
        if self.fresh:
            return await ask(self.second), FRESH
        if not self.breaker.lets_through():
            return await ask(self.second), RESTING
        try:
            with translated():
                async with asyncio.timeout(self.patience):
                    answer = await ask(self.first)
        except SearchUnavailable as error:
            self.breaker.failed(str(error))
            return await ask(self.second), str(error)
        self.breaker.succeeded()
        return answer, None
