"""A small shop to search in, and questions in one line."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.shared.ids import CategoryId, Sku, Warehouse
from domain.stock.events import StockReceived
from projections.search.question import Found, Question, SearchEngine, Sort, Wanted
from tests.support.builders.catalogue import category, on_sale
from tests.support.builders.event_log_builder import NOON, Log

LATER = NOON + timedelta(hours=1)

GOODS = (
    ("MILK", 129, "Whole milk, 2 l", "Valley", "FRESH"),
    ("OATMILK", 219, "Oat milk", "Valley", "FRESH"),
    ("CHOCMILK", 159, "Chocolate milk", "Cocoa", "FRESH"),
    ("CHOC", 99, "Chocolate", "Cocoa", "SWEETS"),
    ("CHOCBAR", 149, "Chocolate bar with hazelnuts", "Cocoa", "SWEETS"),
    ("BRULEE", 399, "Crème brûlée", "Valley", "SWEETS"),
    ("COOKIES", 250, "Butter cookies", "", "SWEETS"),
    ("COLA", 189, "Soft drink, cola", "Fizz", "DRINKS"),
    ("LEMONADE", 179, "Lemonade", "Fizz", "DRINKS"),
    ("PIZZA", 549, "Frozen pizza margherita", "Forno", "FROZEN"),
    ("SPINACH", 229, "Frozen spinach", "Valley", "FROZEN"),
    ("KETTLE", 3499, "Kettle", "Volt", "HOUSEHOLD"),
    ("TOASTER", 4999, "Toaster for four slices", "Volt", "HOUSEHOLD"),
    ("TELLY", 29900, "TV set", "Volt", "HOUSEHOLD"),
    ("MUG", 799, "Mug", "", "HOUSEHOLD"),
)
TREE = (
    ("Food", None),
    ("Fresh", "Food"),
    ("Sweets", "Food"),
    ("Frozen", "Food"),
    ("Drinks", None),
    ("Household", None),
)
SOLD_OUT = {"CHOCBAR", "TOASTER"}


def stock(log: Log, name: str, units: int) -> None:
    log.tell(StockReceived(sku=Sku(f"{name}-1"), warehouse=Warehouse("MAIN"), quantity=units), stream=f"stock-{name}")


def stocked(log: Log) -> None:
    """All goods on the shelf, but for what is sold out."""
    for name, parent in TREE:
        category(log, name, parent)
    for name, cents, title, brand, place in GOODS:
        on_sale(log, name, cents, title=title, brand=brand, category=place)
        if name not in SOLD_OUT:
            stock(log, name, 5)


@dataclass(slots=True)
class Shelf:
    """An engine, and what it is told; told facts are found after `settle`."""

    log: Log
    engine: SearchEngine
    settle: Callable[[], Awaitable[None]]

    async def found(
        self,
        term: str = "",
        *,
        sort: Sort = Sort.RELEVANCE,
        size: int = 50,
        after: tuple[object, ...] | None = None,
        category: str | None = None,
        brands: Sequence[str] | None = None,
        price_from: int | None = None,
        price_to: int | None = None,
        available: bool | None = None,
        counts: bool = True,
    ) -> Found:
        wanted = Wanted(
            category_id=None if category is None else CategoryId(category),
            brands=None if brands is None else tuple(brands),
            price_from=price_from,
            price_to=price_to,
            available=available,
        )
        question = Question(term=term, wanted=wanted, sort=sort, size=size, after=after, counts=counts)
        return await self.engine.search(question, LATER)

    async def ids(self, term: str = "", **more: Any) -> list[str]:
        return ids(await self.found(term, **more))

    async def leafed(self, term: str, sort: Sort, size: int) -> AsyncIterator[list[str]]:
        """Page after page."""
        after = None
        while True:
            found = await self.found(term, sort=sort, size=size, after=after, counts=False)
            yield ids(found)
            if not found.page.more_after:
                return
            after = found.page.items[-1][0]


def ids(found: Found) -> list[str]:
    return [entry.product_id for _, entry in found.page.items]
