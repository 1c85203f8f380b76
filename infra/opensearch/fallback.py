"""OpenSearch when it is well, PostgreSQL when it is not, by an engine that says what it did."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from infra.circuit import Circuit
from infra.opensearch.client import translated
from projections.search.question import Found, Question, SearchEngine, SearchRefused, SearchUnavailable

T = TypeVar("T")

PATIENCE = 1.0
RESTING = "OpenSearch failed a moment ago and is left in peace."
FRESH = "The question names a position, and PostgreSQL knows when it has reached it."


@dataclass(frozen=True, slots=True)
class WithFallback:
    """Implements SearchEngine. `fresh` asks the second engine at once; so does an open circuit, which only failures of
    the first engine open, and no question that it does not take."""

    first: SearchEngine
    second: SearchEngine
    circuit: Circuit
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
        if not self.circuit.lets_through():
            return await ask(self.second), RESTING
        try:
            with translated():
                async with asyncio.timeout(self.patience):
                    answer = await ask(self.first)
        except SearchRefused as error:
            return await ask(self.second), str(error)
        except SearchUnavailable as error:
            self.circuit.failed(str(error))
            return await ask(self.second), str(error)
        self.circuit.succeeded()
        return answer, None
