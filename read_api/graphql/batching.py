"""Questions of many requests joined into few queries: those that come while one is under way make up the next."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar, cast

from domain.promotion.state import PromotionBook
from domain.shared.ids import CartId, OrderId, ProductId
from domain.shared.recorded import Position
from projections import carts, orders, product_catalogue, promotions
from projections.carts import CartPage
from projections.category_listings import ListingRequest, listings
from projections.engine.paging import Page
from projections.engine.ports import StorageUnavailable
from projections.order_view import OrderView
from projections.product_listings import Card
from projections.product_page import MODELS, ProductPage, pages
from read_api.ports import ReadModels

Q = TypeVar("Q")
A = TypeVar("A")

AT_ONCE, MOST = 2, 64
"""Queries of one kind under way, and questions in each: connections are few, and batches stay small."""

LONG = 0.01
"""Seconds of a query after which others of its kind wait for it no longer."""


class Batcher(Generic[Q, A]):
    """`find` answers several questions in their order. When it fails, each is asked alone, and fails alone.

    StorageUnavailable fails all: asking again one by one would only add to what the storage suffers from.

    A question that comes when no query is under way is asked at once; all others make up the next query, so that
    queries get larger when there is more to do. Only one that takes long has another beside it: two that took turns
    would each have half of the questions, and cost twice as much.
    """

    def __init__(self, find: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        self._find = find
        self._queue: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._working = set[asyncio.Task[None]]()
        self._long = set[asyncio.Task[None]]()

    def ask(self, question: Q) -> "asyncio.Future[A]":
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._queue.append((question, answer))
        self._begin()
        return answer

    def _begin(self) -> None:
        if self._queue and len(self._long) == len(self._working) < AT_ONCE:
            self._working.add(asyncio.create_task(self._work()))

    async def _work(self) -> None:
        mine, loop = cast("asyncio.Task[None]", asyncio.current_task()), asyncio.get_running_loop()
        try:
            while mine not in self._long and (batch := self._next()):
                timer = loop.call_later(LONG, self._takes_long, mine)
                try:
                    await self._carry_out(batch)
                finally:
                    timer.cancel()
        finally:
            # Not by a done callback: a question between the last look into the queue and it would wait in vain.
            self._working.discard(mine)
            self._long.discard(mine)
        self._begin()

    def _takes_long(self, query: "asyncio.Task[None]") -> None:
        self._long.add(query)
        self._begin()

    def _next(self) -> list[tuple[Q, "asyncio.Future[A]"]]:
        batch = list[tuple[Q, asyncio.Future[A]]]()
        while self._queue and len(batch) < MOST:
            if not (asked := self._queue.popleft())[1].done():
                batch.append(asked)
        return batch

    async def _carry_out(self, batch: Sequence[tuple[Q, "asyncio.Future[A]"]]) -> None:
        for (_, future), answer in zip(batch, await self._answers([question for question, _ in batch]), strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    async def _answers(self, questions: Sequence[Q]) -> Sequence[A | Exception]:
        try:
            return await self._find(questions)
        except StorageUnavailable as error:
            return [_own(error) for _ in questions]
        except Exception as error:
            if len(questions) == 1:
                return [error]
            return [answer for question in questions for answer in await self._answers([question])]


def _own(error: StorageUnavailable) -> StorageUnavailable:
    """One for each who asks: an exception that is raised twice mixes up its tracebacks."""
    kind = type(error)
    mine = kind.__new__(kind, *error.args)
    mine.__dict__.update(error.__dict__)
    mine.__cause__ = error
    return mine


class BatchedReads:
    """What requests ask most, for all of them together."""

    def __init__(self, models: ReadModels, warehouses: Sequence[str] | None = None) -> None:
        self._models, self._warehouses = models, warehouses
        self.pages: Batcher[ProductId, ProductPage | None] = Batcher(self._pages)
        self.carts: Batcher[CartId, CartPage | None] = Batcher(self._carts)
        self.views: Batcher[OrderId, OrderView | None] = Batcher(self._views)
        self.leaves: Batcher[ListingRequest, Page[Card]] = Batcher(self._found)
        self._books: Batcher[None, PromotionBook] = Batcher(self._book)
        self._kept_book: tuple[Position, PromotionBook] | None = None

    async def promotions(self) -> PromotionBook:
        """The promotion book, read again when its read model has moved on."""
        name = promotions.PROJECTION.name
        reached = self._models.reached([name])[name]
        if (kept := self._kept_book) is not None and kept[0] == reached:
            return kept[1]
        book = await self._books.ask(None)
        self._kept_book = reached, book
        return book

    async def _book(self, asked: Sequence[None]) -> Sequence[PromotionBook]:
        book = await promotions.book_of(self._models.together(promotions.PROJECTION.name))
        return [book for _ in asked]

    async def _pages(self, ids: Sequence[ProductId]) -> Sequence[ProductPage | None]:
        return await pages(self._models.together(*MODELS), ids, self._warehouses)

    async def _carts(self, ids: Sequence[CartId]) -> Sequence[CartPage | None]:
        found = await carts.shown(self._models.together(carts.PROJECTION.name), ids)
        return [found.get(it) for it in ids]

    async def _views(self, ids: Sequence[OrderId]) -> Sequence[OrderView | None]:
        found = await orders.by_ids(self._models.together(orders.PROJECTION.name), ids)
        return [found.get(it) for it in ids]

    async def _found(self, asked: Sequence[ListingRequest]) -> Sequence[Page[Card]]:
        return await listings(self._models.together(product_catalogue.PROJECTION.name), asked)
