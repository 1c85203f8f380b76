"""The demo from beginning to end: import, replay, compare, check."""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from commands.ports import Codec, EventStore
from domain.order.events import OrderPlaced
from domain.shared.recorded import Position
from infra.bootstrap import composition
from infra.demo.catalogue import Catalogue, catalogue, department_id
from infra.demo.client import ShopClient, ShopRefused
from infra.demo.dataset import DataSet
from infra.demo.filling import told_to_pages
from infra.demo.importing import import_catalogue
from infra.demo.progress import Bars
from infra.demo.recalled import recalled
from infra.demo.receipts import Receipt, Till
from infra.demo.replaying import Told, correlation_of, replay
from infra.demo.report import Department, Report
from infra.demo.titles import readable
from infra.settings import Settings

PAGE = 1_000
CATCHING_UP = 300.0
STALE = "STALE"
REVENUE = """
query Revenue($position: Position!) @after(position: $position) {
    sales(groupBy: DEPARTMENT) { categoryId revenue { amount } }
}
"""
LAG = "{ projections { state lagEvents lagSeconds } }"


@dataclass(frozen=True, slots=True)
class Wish:
    """How much of the data: `products` besides those that the baskets need (None: all)."""

    baskets: int
    products: int | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The baskets of this run: `count` from the `first` on, of which some were ordered by an earlier run."""

    first: int
    receipts: Sequence[Receipt]
    ordered_before: Sequence[int]


async def run_demo(settings: Settings, data: DataSet, wish: Wish, bars: Bars) -> Report:
    """Raises ShopRefused."""
    codec = composition.codec()
    async with composition.event_store(settings) as store, _client(settings) as shop:
        shelves, till = await asyncio.to_thread(_read, data)
        placed = await _placed(store, codec)
        chosen = choose(data, till, placed, wish.baskets)
        wanted = _part(shelves, wish.products, chosen.receipts)
        revenue_before = await _revenue(shop, await store.head()) if placed else {}

        bars.expect(products=len(wanted.entries), baskets=len(chosen.receipts))
        began, head_before = time.monotonic(), await store.head()
        async with told_to_pages(settings, len(wanted.entries), bars.imported) as advance:
            imported = await import_catalogue(wanted, store, codec, advance)
        imported_at = time.monotonic()
        tally = await replay(chosen.receipts, shop, Told(bars.placed, bars.shipped))
        replayed_at, head = time.monotonic(), await store.head()

        behind, behind_for = await _lag(shop)
        revenue = await _revenue(shop, head)
        data_set = data.value_by_department(chosen.first, len(chosen.receipts), chosen.ordered_before)
        check_began = time.monotonic()
        verdict = await composition.check(settings, bars.checked)
    return Report(
        first_basket=chosen.first,
        baskets=len(chosen.receipts),
        orders=tally.placed,
        shipped=tally.shipped,
        products_imported=imported,
        departments=_compared(revenue_before, revenue, data_set),
        oddities=tally.oddities,
        events=round((head - head_before) * verdict.events / max(verdict.head, 1)),  # positions may have gaps
        import_seconds=imported_at - began,
        replay_seconds=replayed_at - imported_at,
        check_seconds=time.monotonic() - check_began,
        events_behind=behind,
        seconds_behind=behind_for,
        check="passed" if verdict.ok else "failed",
        failures=[*tally.failures, *(f"{one.claim}: {text}" for one in verdict.checks for text in one.examples)],
    )


async def run_import(settings: Settings, data: DataSet, products: int | None, bars: Bars) -> int:
    """The catalogue alone; how many products were new."""
    shelves, _ = await asyncio.to_thread(_read, data)
    wanted = _part(shelves, products, ())
    bars.expect(products=len(wanted.entries), baskets=0)
    async with composition.event_store(settings) as store:
        return await import_catalogue(wanted, store, composition.codec(), bars.imported)


def choose(data: DataSet, till: Till, placed: Collection[UUID], baskets: int) -> Chosen:
    """The oldest baskets, from the first one on that was not ordered yet."""
    first = _first_new(data, till, placed) if placed else 0
    receipts = [till.receipt(basket) for basket in data.baskets(first, baskets)]
    ids = [receipt.basket.basket_id for receipt in receipts]
    return Chosen(first, receipts, [basket_id for basket_id in ids if correlation_of(basket_id) in placed])


def _first_new(data: DataSet, till: Till, placed: Collection[UUID]) -> int:
    for start in range(0, data.basket_count(), PAGE):
        for number, basket in enumerate(data.baskets(start, PAGE), start):
            if correlation_of(basket.basket_id) not in placed and till.receipt(basket).sales:
                return number
    return data.basket_count()


def _read(data: DataSet) -> tuple[Catalogue, Till]:
    shelves = catalogue(data)
    return shelves, Till.knowing(shelves.prices(), data.all_products())


def _part(shelves: Catalogue, products: int | None, receipts: Sequence[Receipt]) -> Catalogue:
    """The first so many products, and what is in the baskets."""
    if products is None:
        return shelves
    needed = {sale.sku for receipt in receipts for sale in receipt.sales}
    first = {entry.key for entry in shelves.entries[:products]}
    return replace(shelves, entries=[entry for entry in shelves.entries if entry.key in needed | first])


def _client(settings: Settings) -> ShopClient:
    return ShopClient(composition.write_url(settings), composition.read_url(settings), composition.tokens(settings))


async def _placed(store: EventStore, codec: Codec) -> set[UUID]:
    """By which correlation ids orders were placed."""
    return {placed.metadata.correlation_id async for placed in recalled(store, codec, OrderPlaced)}


async def _revenue(shop: ShopClient, position: Position) -> dict[str, int]:
    """Cents by department, as soon as the read model has come to `position`."""
    async with asyncio.timeout(CATCHING_UP):
        while True:
            try:
                sales = (await _as_staff(shop, REVENUE, position=str(position)))["sales"]
            except ShopRefused as refusal:
                if refusal.code != STALE:
                    raise
            else:
                return {row["categoryId"] or "": row["revenue"]["amount"] for row in sales}


async def _lag(shop: ShopClient) -> tuple[int, float]:
    """How far the read models are behind: events, seconds."""
    active = [one for one in (await _as_staff(shop, LAG))["projections"] if one["state"] == "ACTIVE"]
    return max(one["lagEvents"] for one in active), max(one["lagSeconds"] for one in active)


async def _as_staff(shop: ShopClient, query: str, **variables: Any) -> dict[str, Any]:
    return await shop.ask(query, subject="demo", role="back_office", **variables)


def _compared(before: dict[str, int], after: dict[str, int], data_set: dict[str, int]) -> dict[str, Department]:
    names = {str(department_id(name)): name for name in data_set}
    earned = {key: after[key] - before.get(key, 0) for key in after}
    names |= {key: key or "UNCATEGORISED" for key, cents in earned.items() if cents and key not in names}
    return {name: Department(readable(name), earned.get(key, 0), data_set.get(name, 0)) for key, name in names.items()}
