"""The departments, which are on every page of the shop: asked for at most every half minute, kept when that fails."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from web.api.faults import TryLater
from web.api.read import QueryRefused, ask
from web.ports import ApiUnreachable, Filling, Ports

KEPT, AGAIN_AFTER = 30.0, 5.0
"""Seconds for which an answer is used, and after which a failed query is repeated, or an import looked at again."""

log = structlog.get_logger()


class Navigation:
    """What the header of every page shows. No request waits for a query that another one has begun."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._next, self._next_filling = 0.0, 0.0
        self.departments: Sequence[Mapping[str, Any]] = ()
        """Those with products on sale, the largest first; all of them while they are not counted yet."""

        self.products: int | None = None
        """How many products are on sale."""

        self.filling: Filling | None = None

    async def look(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._next_filling:
            self._next_filling = now + AGAIN_AFTER
            self.filling = await self._ports.filling()
        if now < self._next:
            return
        self._next = now + AGAIN_AFTER
        try:
            answer = await ask(self._ports.read, "departments", {}, headers={}, optional=("search",))
        except (TryLater, ApiUnreachable, QueryRefused) as error:
            log.warning("departments not read", reason=repr(error))
            return
        self._next = now + (AGAIN_AFTER if self.filling else KEPT)
        found = answer["search"]
        if found is None:
            self.departments = self.departments or answer["categories"]
            return
        counts = {it["category"]["categoryId"]: it["count"] for it in found["facets"]["categories"] if it["category"]}
        filled = [it for it in answer["categories"] if it["categoryId"] in counts]
        self.departments = sorted(filled, key=lambda it: -counts[it["categoryId"]])
        self.products = found["total"]["atLeast"]
