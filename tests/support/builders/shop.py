"""A shop in memory: its range, its stock, and how its facts come into an event store."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

from commands.ports import ANY, EventStore, NewEvent
from domain.category.events import CategoryCreated
from domain.product.events import ProductCategorised, ProductDrafted, ProductPublished, VariantAdded, VariantPriced
from domain.shared.ids import (
    CategoryId,
    ProductId,
    Sku,
    Warehouse,
)
from domain.shared.messages import name_of
from domain.shared.money import Money
from domain.shared.pricing import PricedLine, PriceStep
from domain.shared.recorded import Metadata
from domain.stock.events import (
    StockReceived,
)
from infra.serialization.codec import JsonCodec

NAMESPACE = UUID("8a8ee1a5-76f3-4c4e-9d2f-0f3f6f3c5a11")
MAIN = Warehouse("MAIN")
OPENED = datetime(2026, 3, 1, 9, tzinfo=UTC)
DELIVERY = Money(490, "EUR")


@dataclass(frozen=True, slots=True)
class Append:
    """Facts that one command left in one stream."""

    stream: str
    facts: Sequence[Any]


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


@dataclass(frozen=True, slots=True)
class Shop:
    """`products` goods in four departments; the n-th costs n euros and one cent."""

    products: int = 12
    units: int = 1000

    def opening(self) -> Iterator[Append]:
        """The range and the stock."""
        tree = [CategoryCreated(category_id=CategoryId(f"D{n}"), name=f"Dept {n}", parent_id=None) for n in range(4)]
        below = [
            CategoryCreated(category_id=CategoryId(f"C{n}"), name=f"Shelf {n}", parent_id=CategoryId(f"D{n % 4}"))
            for n in range(8)
        ]
        for fact in tree + below:
            yield Append("category-tree", [fact])
        for n in range(self.products):
            product, sku = ProductId(f"P{n}"), self.sku(n)
            yield Append(
                f"product-{product}",
                [
                    ProductDrafted(product_id=product, title=f"Good {n}", description="", brand=""),
                    VariantAdded(product_id=product, sku=sku, options=(), base_quantity=1),
                    VariantPriced(product_id=product, sku=sku, price=self.price(n), valid_from=OPENED),
                    ProductCategorised(product_id=product, category_id=CategoryId(f"C{n % 8}")),
                    ProductPublished(product_id=product),
                ],
            )
            yield Append(f"stock-{sku}@{MAIN}", [StockReceived(sku=sku, warehouse=MAIN, quantity=self.units)])

    def sku(self, n: int) -> Sku:
        return Sku(f"S{n:05}")

    def price(self, n: int) -> Money:
        return euros(n * 100 + 1)

    def line(self, n: int, quantity: int) -> PricedLine:
        amount = self.price(n).times(quantity)
        return PricedLine(
            sku=self.sku(n),
            product_id=ProductId(f"P{n}"),
            category_id=CategoryId(f"C{n % 8}"),
            title=f"Good {n}",
            quantity=quantity,
            steps=(PriceStep(kind="list", amount=amount, reason="list price"),),
            total=amount,
        )


@dataclass(slots=True)
class Writer:
    """Appends as one command each."""

    store: EventStore
    commands: int = 0
    codec: JsonCodec = field(default_factory=JsonCodec)

    async def write(self, appends: Iterable[Append]) -> None:
        """Write appends in their order, many at once."""
        for group in batched(appends, 500):
            await asyncio.gather(*(self._append(append) for append in group))

    def new_events(self, facts: Sequence[Any]) -> list[NewEvent]:
        """Facts as the events of one more command."""
        self.commands += 1
        command_id = uuid5(NAMESPACE, str(self.commands))
        metadata = Metadata(command_id=command_id, correlation_id=command_id, causation_id=command_id, actor="tests")
        return [
            NewEvent(uuid5(command_id, str(n)), name_of(fact), self.codec.encode(fact), metadata)
            for n, fact in enumerate(facts)
        ]

    async def _append(self, append: Append) -> None:
        await self.store.append(append.stream, self.new_events(append.facts), expected=ANY)


def batched(appends: Iterable[Append], size: int) -> Iterator[list[Append]]:
    """As itertools.batched does from Python 3.12 on."""
    rest = iter(appends)
    while group := list(islice(rest, size)):
        yield group
