"""Whether everything an API needs answers within a short time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from commands.ports import StoreUnavailable
from projections.engine.ports import StorageUnavailable

ANSWERS_WITHIN = 2.0
KEPT = 0.5
"""Seconds for which an answer is given again: who asks for nothing else must not load the database."""

Check = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Health:
    """Implements read_api.ports.Health and write_api.ports.Health. One look serves all who ask meanwhile."""

    checks: Mapping[str, Check]
    within: float = ANSWERS_WITHIN
    kept: float = KEPT
    _look: "asyncio.Task[Mapping[str, str]] | None" = None
    _until: float = field(default=0.0)

    async def __call__(self) -> Mapping[str, str]:
        """What is wrong, by the name of what does not answer; empty when all is well."""
        if self._look is None or (self._look.done() and asyncio.get_running_loop().time() >= self._until):
            self._look = asyncio.create_task(self._looked())
        return await asyncio.shield(self._look)

    async def _looked(self) -> Mapping[str, str]:
        found = await asyncio.gather(*map(self._fault, self.checks.values()))
        self._until = asyncio.get_running_loop().time() + self.kept
        return {name: fault for name, fault in zip(self.checks, found, strict=True) if fault is not None}

    async def _fault(self, check: Check) -> str | None:
        try:
            async with asyncio.timeout(self.within):
                await check()
        except TimeoutError:
            return f"no answer within {self.within:g} s"
        except (StoreUnavailable, StorageUnavailable):
            return "cannot be reached"
        return None
