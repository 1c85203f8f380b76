"""Orders as they change, for all who watch: one query for each step of the read model, however many they are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from domain.shared.errors import NotFound
from domain.shared.ids import OrderId
from domain.shared.recorded import Position
from projections import orders
from projections.engine.ports import StorageUnavailable
from projections.order_view import OrderView
from read_api.ports import ReadModels

LOOK_EVERY, PAUSE = 30.0, 1.0

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Watcher:
    """A subscriber to one order; for a slow one only the latest state waits."""

    order_id: OrderId
    view: OrderView | None = None
    failure: Exception | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, view: OrderView | None) -> None:
        if view is not None and view != self.view:
            self.view = view
            self.news.set()

    def fail(self, error: Exception) -> None:
        """This order cannot be read, and will not be looked for again."""
        self.failure = error
        self.news.set()

    async def views(self) -> AsyncIterator[OrderView]:
        """Raises what kept the order from being read."""
        while True:
            await self.news.wait()
            self.news.clear()
            if self.failure is not None:
                raise self.failure
            if self.view is not None:
                yield self.view


@dataclass(slots=True, eq=False)
class OrderFeed:
    """Reads the read model only while there are subscribers. An order that cannot be read ends its own
    watchers only."""

    models: ReadModels
    _watchers: set[Watcher] = field(default_factory=set)
    _keeper: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watching(self, order_id: OrderId) -> AsyncIterator[Watcher]:
        """A subscriber that gets the present state, and every change while the block lasts."""
        watcher = Watcher(order_id)
        self._watchers.add(watcher)
        try:
            if self._keeper is None or self._keeper.done():
                self._keeper = asyncio.create_task(self._keep())
            await self._look([watcher])
            yield watcher
        finally:
            self._watchers.discard(watcher)
            if not self._watchers and self._keeper is not None:
                self._keeper.cancel()
                self._keeper = None

    async def _keep(self) -> None:
        name = orders.PROJECTION.name
        while True:
            try:
                reached = self.models.reached([name])[name]
                await self._look_for_each(list(self._watchers))
                await self.models.wait_for([name], Position(reached + 1), LOOK_EVERY)
            except (StorageUnavailable, NotFound) as error:
                log.warning("orders cannot be watched", error=repr(error))
                await asyncio.sleep(PAUSE)
            except Exception:
                log.exception("orders cannot be watched")
                await asyncio.sleep(PAUSE)

    async def _look_for_each(self, watchers: list[Watcher]) -> None:
        """Raises StorageUnavailable, NotFound: then no order can be read."""
        try:
            await self._look(watchers)
        except (StorageUnavailable, NotFound):
            raise
        except Exception as error:
            if len(watchers) > 1:
                for watcher in watchers:
                    await self._look_for_each([watcher])
                return
            log.warning("an order cannot be watched", error=repr(error))
            self._watchers.discard(watchers[0])
            watchers[0].fail(error)

    async def _look(self, watchers: list[Watcher]) -> None:
        found = await orders.by_ids(self.models[orders.PROJECTION.name], {watcher.order_id for watcher in watchers})
        for watcher in watchers:
            watcher.tell(found.get(watcher.order_id))
