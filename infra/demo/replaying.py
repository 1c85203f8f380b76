"""Real baskets through the shop, as its clients would: the household orders, the till prices, the warehouse ships."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.shared.derived import derived_id
from infra.demo.catalogue import CURRENCY
from infra.demo.client import ShopClient, ShopRefused
from infra.demo.importing import ID
from infra.demo.receipts import Oddity, Receipt, Sale
from infra.demo.watch import Checkout, Watch

AT_ONCE = 32
PLANNED_OR_LATER = frozenset({"PLANNED", "PICKED", "PACKED", "CLEARED", "DISPATCHED", "DELIVERED"})
CLEARED_OR_LATER = frozenset({"CLEARED", "DISPATCHED", "DELIVERED"})


@dataclass(slots=True)
class Tally:
    """What became of the baskets."""

    placed: int = 0
    shipped: int = 0
    failures: list[str] = field(default_factory=list)
    oddities: Counter[Oddity] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Told:
    """Whom to tell of progress."""

    placed: Callable[[], None]
    shipped: Callable[[], None]


def correlation_of(basket_id: int) -> UUID:
    """The correlation id of the events that a basket caused."""
    return derived_id(ID, f"basket/{basket_id}")


async def replay(receipts: Iterable[Receipt], shop: ShopClient, told: Told) -> Tally:
    """Order and ship the receipts, oldest first, several at once. What is repeated is done once."""
    tally, waiting = Tally(), iter(receipts)
    watch = Watch(shop)
    async with watch.looking(), asyncio.TaskGroup() as customers:
        for _ in range(AT_ONCE):
            customers.create_task(_serve(waiting, shop, watch, tally, told))
    return tally


async def _serve(waiting: Iterator[Receipt], shop: ShopClient, watch: Watch, tally: Tally, told: Told) -> None:
    for receipt in waiting:
        tally.oddities.update(receipt.oddities)
        if not receipt.sales:
            told.placed()
            told.shipped()
            continue
        visit = Visit(receipt, shop, watch)
        try:
            order_id = await visit.order()
            tally.placed += 1
            told.placed()
            await visit.ship(order_id)
            tally.shipped += 1
            told.shipped()
        except ShopRefused as refusal:
            tally.failures.append(f"Basket {receipt.basket.basket_id}: {refusal}")


@dataclass(frozen=True, slots=True)
class Visit:
    """One household with one basket."""

    receipt: Receipt
    shop: ShopClient
    watch: Watch

    async def order(self) -> str:
        """From the first item to the placed order; answers its id."""
        items = [{"sku": sale.sku, "quantity": sale.quantity} for sale in self.receipt.sales]
        cart = (await self._household("POST", "/carts", "cart", items=items))["cart_id"]
        await asyncio.gather(*(self._agree(cart, sale) for sale in self.receipt.sales if sale.reason))
        checkout = await self._household(
            "POST",
            "/checkouts",
            "checkout",
            cart_id=cart,
            total_seen={"amount": self.receipt.total, "currency": CURRENCY},
            delivery_method="pickup",
            payment_method="pm_card_ok",
        )
        checkout_id: str = checkout["checkout_id"]
        await self.watch.until(checkout_id, lambda seen: _all_parcels(seen, PLANNED_OR_LATER))
        return checkout_id

    async def ship(self, order_id: str) -> None:
        """Pick and pack, wait for the money, hand over."""
        parcel = f"{order_id}.1"
        await self._warehouse(parcel, "pick")
        await self._warehouse(parcel, "pack")
        await self.watch.until(order_id, lambda seen: _all_parcels(seen, CLEARED_OR_LATER))
        await self._warehouse(parcel, "dispatch", carrier="Self-collection", tracking=f"T{parcel}")
        await self._warehouse(parcel, "delivery")
        await self.watch.until(order_id, lambda seen: bool(seen["order"]["status"] == "COMPLETED"))

    async def _agree(self, cart: str, sale: Sale) -> None:
        total = {"amount": sale.total, "currency": CURRENCY}
        path = f"/carts/{cart}/items/{sale.sku}/agreed-price"
        await self._ask("PUT", path, f"price-{sale.sku}", "demo-till", "till", total=total, reason=sale.reason)

    async def _household(self, method: str, path: str, step: str, **body: Any) -> dict[str, Any]:
        household = f"household-{self.receipt.basket.household_id}"
        return await self._ask(method, path, step, household, "shopper", **body)

    async def _warehouse(self, parcel: str, step: str, **body: Any) -> None:
        await self._ask("POST", f"/shipments/{parcel}/{step}", step, "demo-warehouse", "warehouse", **body)

    async def _ask(self, method: str, path: str, step: str, subject: str, role: str, **body: Any) -> dict[str, Any]:
        basket_id = self.receipt.basket.basket_id
        return await self.shop.command(
            method,
            path,
            subject=subject,
            role=role,
            key=f"basket-{basket_id}-{step}",
            correlation_id=correlation_of(basket_id),
            body=body or None,
        )


def _all_parcels(seen: Checkout, statuses: Collection[str]) -> bool:
    parcels = seen["order"] and seen["order"]["shipments"]
    return bool(parcels) and all(parcel["status"] in statuses for parcel in parcels)
