"""What every resolver gets: who asks, when, the read models, and loaders that ask for many rows at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.fastapi import BaseContext

from domain.promotion.state import PromotionBook
from domain.shared.ids import CartId, CategoryId, CustomerId, OrderId, ProductId, Sku
from domain.shared.recorded import Position, Recorded
from projections import carts, category_tree, holds, orders, product_catalogue, promotions, staff, stock_levels
from projections.carts import CartPage
from projections.category_tree import Category
from projections.engine.ports import Tables, TookTooLong
from projections.holds import UnpaidHold
from projections.order_timeline import Moment
from projections.order_view import OrderView
from projections.product_catalogue import Entry
from projections.product_page import MODELS, ProductPage
from projections.stock_levels import StockLevel
from read_api.audit.as_of import facts_of
from read_api.audit.past import StreamPast, fold_of
from read_api.graphql.actors import names_of
from read_api.graphql.batching import BatchedReads
from read_api.graphql.errors import Busy, OverBudget, Stale, TooComplex, Unauthenticated
from read_api.graphql.payers import Client, payer_of
from read_api.graphql.turns import EnginesTurns
from read_api.order_feed import OrderFeed
from read_api.ports import Caller, Ports

K = TypeVar("K")
T = TypeVar("T")

PATIENCE = 2.0
PAST = 10_000
"""Events that one request may go through to see orders as they were."""


class Loaders:
    """One query for all rows of a kind that are asked for in the same breath."""

    def __init__(self, context: "Context") -> None:
        self.products: DataLoader[ProductId, Entry | None] = _loader(
            context, product_catalogue.PROJECTION.name, product_catalogue.by_ids
        )
        self.products_by_sku: DataLoader[Sku, Entry | None] = _loader(
            context, product_catalogue.PROJECTION.name, product_catalogue.by_skus
        )
        self.categories: DataLoader[CategoryId, Category | None] = _loader(
            context, category_tree.PROJECTION.name, category_tree.by_ids
        )
        self.subcategories: DataLoader[CategoryId, list[Category] | None] = _loader(
            context, category_tree.PROJECTION.name, category_tree.children
        )
        self.stock: DataLoader[Sku, list[StockLevel] | None] = _loader(
            context, stock_levels.PROJECTION.name, stock_levels.by_skus
        )
        self.open_carts: DataLoader[CustomerId, tuple[CartId, CartPage] | None] = _loader(
            context, carts.PROJECTION.name, carts.open_carts
        )
        self.views: DataLoader[OrderId, OrderView | None] = _loader(context, orders.PROJECTION.name, orders.by_ids)
        self.holds: DataLoader[Sku, list[UnpaidHold] | None] = _loader(
            context, stock_levels.PROJECTION.name, holds.by_skus
        )
        self.timelines: DataLoader[OrderId, Sequence[Moment] | None] = _loader(
            context, orders.PROJECTION.name, orders.timelines
        )

        async def names(tables: Tables, actors: Iterable[str]) -> Mapping[str, str]:
            return await names_of(actors, tables, context.ports.vault)

        self.actor_names: DataLoader[str, str | None] = _loader(context, staff.PROJECTION.name, names)


def _loader(
    context: "Context", model: str, find: Callable[[Tables, Iterable[K]], Awaitable[Mapping[K, T]]]
) -> DataLoader[K, T | None]:
    async def load(keys: list[K]) -> list[T | None]:
        found = await find(await context.tables(model), keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=load)


class Context(BaseContext):
    """One request, or one WebSocket connection. Without a caller it may see the catalogue."""

    def __init__(
        self,
        ports: Ports,
        caller: Caller | None,
        feed: OrderFeed,
        together: BatchedReads,
        turns: EnginesTurns,
        client: Client = None,
    ) -> None:
        super().__init__()
        self.ports = ports
        self.caller = caller
        self.turns = turns
        self.client = client
        self._stopped: Exception | None = None
        self._pasts: dict[OrderId, asyncio.Task[Sequence[Recorded[Any]]]] = {}
        self._streams: dict[str, StreamPast] = {}
        self._looked_at = 0
        self.feed = feed
        self.together = together
        self.is_socket = False
        self.verify: Callable[[], Caller] | None = None
        """Verifies the token of a socket again. Raises ValueError, StorageUnavailable."""

        self.after: Position | None = None
        self._waits: dict[str, asyncio.Task[None]] = {}

    @cached_property
    def now(self) -> datetime:
        """One time for the whole answer, so that all its prices belong together."""
        return self.ports.clock()

    @cached_property
    def loaders(self) -> Loaders:
        return Loaders(self)

    def refresh(self) -> None:
        """Forget what was read; the next event of a subscription reads anew."""
        self.__dict__.pop("now", None)
        self.__dict__.pop("loaders", None)
        self._stopped, self._pasts, self._streams, self._looked_at = None, {}, {}, 0

    async def tables(self, model: str) -> Tables:
        """The tables of a read model, once it has come as far as the request asked for. Raises Stale."""
        if self.after is not None:
            if model not in self._waits:
                self._waits[model] = asyncio.ensure_future(self.reach(model, self.after))
            await asyncio.shield(self._waits[model])
        return self.ports.models[model]

    @asynccontextmanager
    async def turn(self, *, elsewhere: bool = False) -> AsyncIterator[None]:
        """Around what may take long, in our database or elsewhere. Raises OverBudget, Busy, TookTooLong.

        What was refused once in a request is refused for the rest of it: a request that costs too much is tried as a
        plan, and again by graphql-core, and would cost it twice.
        """
        if self._stopped is not None:
            raise self._stopped
        try:
            turns = self.turns.elsewhere if elsewhere else self.turns.here
            async with turns.turn(payer_of(self.caller, self.client)):
                yield
        except (OverBudget, Busy, TookTooLong) as error:
            self._stopped = error
            raise

    async def product_page(self, it: ProductId) -> ProductPage | None:
        """What the page of a product shows. Raises Stale."""
        await self._reached(*MODELS)
        return await self.together.pages.ask(it)

    async def cart(self, it: CartId) -> CartPage | None:
        """Raises Stale."""
        await self._reached(carts.PROJECTION.name)
        return await self.together.carts.ask(it)

    async def promotions(self) -> PromotionBook:
        """All promotions. Raises Stale."""
        await self._reached(promotions.PROJECTION.name)
        return await self.together.promotions()

    async def view(self, it: OrderId) -> OrderView | None:
        """A checkout, and the order it became. Raises Stale."""
        await self._reached(orders.PROJECTION.name)
        return await self.together.views.ask(it)

    async def past(self, view: OrderView) -> Sequence[Recorded[Any]]:
        """All facts of an order, read once however often its past is asked for. Raises TooComplex, and as `turn`."""
        if view.order_id not in self._pasts:
            self._pasts[view.order_id] = asyncio.ensure_future(self._read_past(view))
        facts = await asyncio.shield(self._pasts[view.order_id])
        self._spend(len(facts))
        return facts

    def past_of(self, stream: str) -> StreamPast | None:
        """The states of a stream, read once however often they are asked for; None for streams without a state."""
        if stream not in self._streams:
            if (fold := fold_of(self.ports.folds, stream)) is None:
                return None
            self._streams[stream] = StreamPast(stream, fold, self.ports.history, self._spend)
        return self._streams[stream]

    def _spend(self, events: int) -> None:
        """Raises TooComplex."""
        if self._looked_at > PAST - events:
            raise TooComplex(
                f"The query goes through more than {PAST} events of the past. Ask for fewer points in time."
            )
        self._looked_at += events

    async def _read_past(self, view: OrderView) -> Sequence[Recorded[Any]]:
        async with self.turn():
            return await facts_of(self.ports.history, view)

    async def _reached(self, *models: str) -> None:
        """Read models that many requests ask together. Raises Stale."""
        if self.after is not None:
            for model in models:
                await self.tables(model)

    async def reach(self, model: str, position: Position) -> None:
        """Wait until the read model has come so far. Raises Stale."""
        reached = await self.ports.models.wait_for([model], position, PATIENCE)
        if reached[model] < position:
            raise Stale(position, {**self.ports.models.reached(list(self._waits)), **reached})

    def customer(self) -> CustomerId:
        """Who asks. Raises Unauthenticated."""
        if self.caller is None:
            raise Unauthenticated("Send a token: `Authorization: Bearer ...`.")
        return CustomerId(self.caller.subject)


Info = strawberry.Info[Context, None]
