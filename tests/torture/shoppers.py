"""Shoppers who buy, are declined, confirm at their bank, pay twice, repeat themselves, or change their minds."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from urllib.parse import urlsplit

from tests.torture.goods import CURRENCY, PRICES
from tests.torture.witness import ShopSilent, Who, Witness, Word

METHODS = (
    *("pm_card_ok",) * 8,
    *("pm_card_3ds",) * 3,
    *("pm_card_timeout",) * 3,
    "pm_card_declined",
    "pm_card_insufficient_funds",
    "pm_card_late",
    "pm_card_duplicate_webhooks",
    "pm_card_out_of_order_webhooks",
    "pm_card_wrong_amount",
    "pm_card_stolen",
)
"""Without the card that holds and never pays: the shop tries that one for days before somebody has to look."""

THINKING, LOOK_EVERY = 0.4, 0.25
TWICE, CANCELS, DENIES = 0.15, 0.06, 0.2


@dataclass(frozen=True, slots=True)
class Manners:
    """The cards that people have, and the share of those who change their minds as soon as they have checked out."""

    methods: Sequence[str] = METHODS
    cancels: float = CANCELS


USUAL = Manners()


class Surprised(Exception):
    """The shop says something that cannot be, as far as this shopper knows."""


@dataclass(slots=True)
class Street:
    """Everybody who shops, and what came of it. `placed` are the orders that staff have not heard of yet.

    Who has waited for `patience` seconds cancels, and after as many more walks away.
    """

    witness: Witness
    seed: int
    patience: float
    manners: Manners = USUAL
    carts: dict[str, Who] = field(default_factory=dict)
    checkouts: dict[str, str] = field(default_factory=dict)
    placed: deque[str] = field(default_factory=deque)
    stuck: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)

    async def crowd(self, at_once: int, closing: asyncio.Event) -> None:
        """So many at once, one after the other, until closing time."""

        async def door(number: int) -> None:
            visits = 0
            while not closing.is_set():
                shopper = Shopper(self, f"shopper-{number}-{visits}")
                try:
                    await shopper.live()
                except (Surprised, ShopSilent) as surprise:
                    self.surprises.append(f"{shopper.name}: {surprise}")
                visits += 1

        await asyncio.gather(*(door(number) for number in range(at_once)))


@dataclass(slots=True)
class Shopper:
    """One visit. The name decides what the shopper is like."""

    checker: Street
    name: str
    random: Random = field(init=False)
    keys: int = 0
    seen: int = 0

    def __post_init__(self) -> None:
        self.random = Random(f"{self.checker.seed}:{self.name}")

    @property
    def who(self) -> Who:
        return Who(self.name, "shopper")

    async def live(self) -> None:
        wanted = self.random.sample(list(PRICES), self.random.randint(1, 3))
        items = [{"sku": sku, "quantity": self.random.randint(1, 3)} for sku in wanted]
        cart = str((await self.ask("/carts", {"items": items[:1]}))["cart_id"])
        self.checker.carts[cart] = self.who
        await self.see("cart", cart)
        if items[1:]:
            await self.ask(f"/carts/{cart}/items", {"items": items[1:]})
            await self.see("cart", cart)
        due = sum(PRICES[str(item["sku"])] * int(str(item["quantity"])) for item in items)
        wish = {
            "cart_id": cart,
            "total_seen": {"amount": due, "currency": CURRENCY},
            "delivery_method": "pickup",
            "payment_method": self.random.choice(self.checker.manners.methods),
        }
        checkout = str((await self.ask("/checkouts", wish))["checkout_id"])
        self.checker.checkouts[checkout] = cart
        await self.see_it_through(cart, checkout)

    async def ask(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """A command that works, or else we have misunderstood the shop. Sometimes it is sent twice at once."""
        words = await self.send(path, body)
        if not all(word.accepted for word in words):
            raise Surprised(f"{path}: {words}")
        return words[0].answer

    async def send(self, path: str, body: Mapping[str, object]) -> Sequence[Word]:
        self.keys += 1
        key = f"{self.name}-{self.keys}"
        times = 2 if self.random.random() < TWICE else 1
        asking = (self.checker.witness.command(self.who, "POST", path, key, body) for _ in range(times))
        words = await asyncio.gather(*asking)
        self.seen = max([self.seen, *(word.position for word in words if word.accepted)])
        await asyncio.sleep(self.random.random() * THINKING)
        return words

    async def see(self, kind: str, id: str) -> dict[str, object] | None:
        seen: dict[str, object] | None = await self.checker.witness.look(self.who, kind, id, self.seen)
        return seen

    async def see_it_through(self, cart: str, checkout: str) -> None:
        """Look again and again, and do what the checkout wants, or something else; in the end give it up."""
        deadline, cancels = monotonic() + self.checker.patience, self.random.random() < self.checker.manners.cancels
        while True:
            seen = await self.see("checkout", checkout)
            if seen is None:
                raise Surprised(f"The checkout {checkout} is not there")
            if seen["phase"] == "PLACED":
                self.checker.placed.append(checkout)
                return
            if seen["rejection"] is not None or seen["phase"] == "NEEDS_ATTENTION":
                return
            if monotonic() > deadline + self.checker.patience:
                self.checker.stuck.append(checkout)
                return
            if cancels or monotonic() > deadline:
                await self.send(f"/checkouts/{checkout}/cancel", {"cart_id": cart})
                cancels = False
                await asyncio.sleep(1)
            await self.pay(checkout, seen)
            await asyncio.sleep(LOOK_EVERY * (1 + self.random.random()))

    async def pay(self, checkout: str, seen: dict[str, object]) -> None:
        """Confirm what waits to be confirmed; try another card, twice at once, when one was declined."""
        payment = seen["payment"]
        if not isinstance(payment, dict):
            return
        if payment["status"] == "ACTION_REQUIRED":
            answer = "deny" if self.random.random() < DENIES else "approve"
            await self.checker.witness.visit(f"{urlsplit(payment['actionUrl']).path}/{answer}")
        elif payment["status"] == "FAILED":
            methods = [
                self.random.choice(self.checker.manners.methods)
                for _ in range(2 if self.random.random() < TWICE else 1)
            ]
            path = f"/checkouts/{checkout}/payments"
            await asyncio.gather(*(self.send(path, {"payment_method": method}) for method in methods))
