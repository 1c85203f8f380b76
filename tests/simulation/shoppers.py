"""People who buy, hesitate, try again, confirm late, change their minds, or walk away."""

import asyncio

from commands.lookups.checkout import pay_again
from domain.cart.commands import AddItem, CancelCheckout, CheckOutCart, Delivery, Offer, OpenCart
from domain.shared.ids import CartId, CheckoutId, CustomerId, ProductId, Sku, Warehouse, order_of, payment_of
from domain.shared.money import Money
from domain.shared.pricing import UnitPrice
from infra.payments.intents import Status
from tests.simulation.world import World

PRICES = {Sku("MUG"): 1250, Sku("TEA"): 333, Sku("GIFT"): 0}
WAREHOUSES = (Warehouse("EAST"), Warehouse("WEST"))
METHODS = (
    "pm_card_ok",
    "pm_card_declined",
    "pm_card_insufficient_funds",
    "pm_card_3ds",
    "pm_card_timeout",
    "pm_card_late",
    "pm_card_duplicate_webhooks",
    "pm_card_out_of_order_webhooks",
    "pm_card_wrong_amount",
    "pm_card_capture_fails",
    "pm_card_stolen",
)


def offer(sku: Sku) -> Offer:
    price = UnitPrice(amount=Money(PRICES[sku], "EUR"))
    return Offer(sku=sku, product_id=ProductId(f"p-{sku}"), category_id=None, title=f"A {sku}", unit_price=price)


class Shopper:
    """One person with one cart, and one checkout of it after the other."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.random = world.random
        self.name = f"shopper{number}"
        self.cart = CartId(f"cart{number}")
        self.number = number

    async def live(self) -> None:
        """Fill a cart and buy it, once or twice."""
        world = self.world
        await asyncio.sleep(self.random.random() * 120)
        await world.ask(
            self.name, OpenCart(cart_id=self.cart, owner=CustomerId(self.name), currency="EUR", at=world.clock())
        )
        bought = {sku: self.random.randint(1, 3) for sku in PRICES if self.random.random() < 0.6} or {Sku("GIFT"): 1}
        for sku, quantity in bought.items():
            await world.ask(
                self.name, AddItem(cart_id=self.cart, offer=offer(sku), quantity=quantity, at=world.clock())
            )
        for attempt in range(2):
            checkout = CheckoutId(f"buy{self.number}{'ab'[attempt]}")
            await self.check_out(checkout, bought)
            await self.see_it_through(checkout)
            if world.books.live.get(self.cart) is not None or self.random.random() < 0.5:
                return

    async def check_out(self, checkout: CheckoutId, bought: dict[Sku, int]) -> None:
        delivery = Money(self.random.choice([0, 0, 490]), "EUR")
        value = Money(sum(PRICES[sku] * quantity for sku, quantity in bought.items()), "EUR")
        await self.world.ask(
            self.name,
            CheckOutCart(
                cart_id=self.cart,
                checkout_id=checkout,
                offers=tuple(map(offer, bought)),
                total_seen=value + delivery,
                delivery=Delivery(
                    method="parcel",
                    price=delivery,
                    warehouses=self.random.choice([WAREHOUSES, WAREHOUSES[::-1], WAREHOUSES[:1]]),
                ),
                payment_method=self.random.choice(METHODS),
                at=self.world.clock(),
            ),
        )

    async def see_it_through(self, checkout: CheckoutId) -> None:
        """Look at the checkout now and then, and do what it wants, or something else."""
        world, order = self.world, order_of(checkout)
        for _ in range(self.random.randint(2, 8)):
            await asyncio.sleep(self.random.choice([1, 20, 300]) * self.random.random() * 2)
            if world.books.live.get(self.cart) != checkout:
                return
            if self.random.random() < 0.06:
                await world.ask(self.name, CancelCheckout(cart_id=self.cart, checkout_id=checkout))
            elif order not in world.books.orders:
                await self.pay(checkout)

    async def pay(self, checkout: CheckoutId) -> None:
        """Confirm what waits to be confirmed, or try another card."""
        world = self.world
        account = world.bank.known.get(payment_of(checkout))
        intents = account.intents if account is not None else ()
        waiting = [intent for intent in intents if intent.status is Status.REQUIRES_ACTION]
        if waiting:
            approve = self.random.random() < 0.7
            world.tell("when", f"{self.name} {'approves' if approve else 'denies'} {waiting[-1].ref}")
            await world.gateway.confirm(waiting[-1].ref, approve=approve)
        elif self.random.random() < (0.8 if intents and intents[-1].status is Status.FAILED else 0.1):
            await self.try_another_card(checkout)

    async def try_another_card(self, checkout: CheckoutId) -> None:
        method = self.random.choice(METHODS)
        await self.world.request(
            self.name,
            f"pay {checkout} with {method}",
            lambda handler, signed: pay_again(handler, checkout, method, signed),
        )
