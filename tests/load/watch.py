"""Sees orders appear in GraphQL: one look at the newest for all buyers who wait, as a page that is kept open would."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.load.http import Client, VisitFailed

LOOK_EVERY, ASK_AFTER = 0.02, 2.0
PAGE, MOST_PAGES = 20, 20
NEWEST = """
query Newest($first: Int!, $after: String) {
    orders(first: $first, after: $after) { edges { node { orderId } } pageInfo { endCursor } }
}
"""
CHECKOUT = "query Checkout($id: ID!) { checkout(id: $id) { rejection order { status } } }"


@dataclass(slots=True)
class Watch:
    """Used as `async with watch.looking()`."""

    client: Client
    staff_token: str
    _waiting: dict[str, asyncio.Event] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    async def placed(self, checkout_id: str) -> None:
        """Until the order is in the list. Raises VisitFailed when the checkout was rejected."""
        if checkout_id in self._seen:
            return
        there = self._waiting[checkout_id] = asyncio.Event()
        try:
            while not there.is_set():
                try:
                    async with asyncio.timeout(ASK_AFTER):
                        await there.wait()
                except TimeoutError:
                    if await self._asked(checkout_id):
                        return
        finally:
            self._waiting.pop(checkout_id, None)

    async def _asked(self, checkout_id: str) -> bool:
        """Who waits long asks for their own. Raises VisitFailed."""
        checkout = (await self.client.ask(CHECKOUT, {"id": checkout_id}, self.staff_token))["checkout"]
        if checkout is not None and checkout["rejection"] is not None:
            raise VisitFailed(f"rejected: {checkout['rejection'][:60]}")
        return bool(checkout and checkout["order"])

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        looks = asyncio.create_task(self._look_again_and_again())
        try:
            yield
        finally:
            looks.cancel()
            await asyncio.wait([looks])

    async def _look_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                if self._waiting:
                    await self._look()
            except (VisitFailed, ConnectionError, OSError):
                continue  # whoever waits in vain says so

    async def _look(self) -> None:
        """Page by page, as long as there is anything new on a page."""
        after: str | None = None
        for _ in range(MOST_PAGES):
            page = (await self.client.ask(NEWEST, {"first": PAGE, "after": after}, self.staff_token))["orders"]
            ids = {edge["node"]["orderId"] for edge in page["edges"]}
            new, after = ids - self._seen, page["pageInfo"]["endCursor"]
            self._seen |= new
            for order_id in new & self._waiting.keys():
                self._waiting[order_id].set()
            if not new or after is None:
                return
