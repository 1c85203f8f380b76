"""Questions of many requests joined into few queries: those that come while one is under way make up the next."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar, cast

from domain.shared.ids import CartId, OrderId, ProductId
from projections import carts, orders, product_catalogue
from projections.carts import CartPage
from projections.order_story import Story
from projections.paging import Page
from projections.product_listings import Card, Leaf, Sort, leaves
from projections.product_page import MODELS, ProductPage, pages
from read_api.ports import ReadModels

Q = TypeVar("Q")
A = TypeVar("A")

AT_ONCE, MOST = 2, 64
"""Queries of one kind under way, and questions in each: the connections are few, and nobody waits for a large batch."""


class Joined(Generic[Q, A]):
    """`find` answers several questions in their order; what it raises fails all of them. Nobody waits for company."""

    def __init__(self, find: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        self._find = find
        self._queue: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._working = set[asyncio.Task[None]]()

    def ask(self, question: Q) -> "asyncio.Future[A]":
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._queue.append((question, answer))
        if len(self._working) < AT_ONCE:
            self._working.add(asyncio.create_task(self._work()))
        return answer

    async def _work(self) -> None:
        try:
            while batch := self._next():
                await self._carry_out(batch)
        finally:
            # Not by a done callback: a question between the last look into the queue and it would wait for ever.
            self._working.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    def _next(self) -> list[tuple[Q, "asyncio.Future[A]"]]:
        batch = list[tuple[Q, asyncio.Future[A]]]()
        while self._queue and len(batch) < MOST:
            if not (asked := self._queue.popleft())[1].done():
                batch.append(asked)
        return batch

    async def _carry_out(self, batch: Sequence[tuple[Q, "asyncio.Future[A]"]]) -> None:
        try:
            answers = await self._find([question for question, _ in batch])
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)


class Together:
    """What requests ask most, for all of them together."""

    def __init__(self, models: ReadModels) -> None:
        self._models = models
        self.pages: Joined[ProductId, ProductPage | None] = Joined(self._pages)
        self.carts: Joined[CartId, CartPage | None] = Joined(self._carts)
        self.stories: Joined[OrderId, Story | None] = Joined(self._stories)
        self._leaves = {sort: self._of(sort) for sort in Sort}

    def leaf(self, sort: Sort, leaf: Leaf) -> "asyncio.Future[Page[Card]]":
        return self._leaves[sort].ask(leaf)

    async def _pages(self, ids: Sequence[ProductId]) -> Sequence[ProductPage | None]:
        return await pages(self._models.together(*MODELS), ids)

    async def _carts(self, ids: Sequence[CartId]) -> Sequence[CartPage | None]:
        found = await carts.shown(self._models.together(carts.PROJECTION.name), ids)
        return [found.get(it) for it in ids]

    async def _stories(self, ids: Sequence[OrderId]) -> Sequence[Story | None]:
        found = await orders.by_ids(self._models.together(orders.PROJECTION.name), ids)
        return [found.get(it) for it in ids]

    def _of(self, sort: Sort) -> Joined[Leaf, Page[Card]]:
        async def find(asked: Sequence[Leaf]) -> Sequence[Page[Card]]:
            return await leaves(self._models.together(product_catalogue.PROJECTION.name), sort, asked)

        return Joined(find)
