"""A gateway that answers late, twice, out of order, with 500, another amount, or never: what is bought and paid."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from commands.lookups.checkout import pay_again
from domain.cart.commands import AddItem, CheckOutCart, Delivery, OpenCart
from domain.payment.commands import RecordActionRequired, RecordAuthorisation, RecordFailure
from domain.payment.events import CaptureRequested, PaymentRequested
from domain.shared.ids import CartId, CheckoutId, CustomerId, OrderId, PaymentId, ShipmentId, Sku
from domain.shared.money import Money
from domain.shipment.commands import PackShipment, PickShipment
from domain.stock.commands import ReceiveStock
from infra.payments.intents import Intent, Status
from process_managers.engine.ports import CaptureAnswer, Gateway, GatewayUnavailable
from process_managers.gateway_retries import GatewayRetries
from tests.simulation.quiescence import check_holds, check_quiescence
from tests.simulation.shoppers import PRICES, WAREHOUSES, offer
from tests.simulation.simulate import rest
from tests.simulation.world import Variant, World
from tests.support.fixtures.virtual_time import run

MUG, CART, BUY = Sku("MUG"), CartId("cart"), CheckoutId("buy")
DUE = PRICES[MUG]
ANNA = "anna"
SOON, DAYS = 60.0, 5 * 86400.0


def calm(around: Callable[[Gateway], Gateway] = lambda gateway: gateway) -> World:
    return World(1, Variant(at_gateway=around, calm=True))


async def begin(world: World, method: str) -> asyncio.Task[None]:
    """One mug, on its way; the task is the shop at work, to be cancelled."""
    await world.ask("staff", ReceiveStock(sku=MUG, warehouse=WAREHOUSES[0], quantity=1))
    at, due = world.clock(), Money(DUE, "EUR")
    await world.ask(ANNA, OpenCart(cart_id=CART, owner=CustomerId(ANNA), currency="EUR", at=at))
    await world.ask(ANNA, AddItem(cart_id=CART, offer=offer(MUG), quantity=1, at=at))
    delivery = Delivery(method="parcel", price=Money(0, "EUR"), warehouses=WAREHOUSES)
    wish = CheckOutCart(
        cart_id=CART,
        checkout_id=BUY,
        offers=(offer(MUG),),
        total_seen=due,
        delivery=delivery,
        payment_method=method,
        at=at,
    )
    await world.ask(ANNA, wish)
    return asyncio.create_task(work(world))


async def work(world: World) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(world.live_and_die(stop))
    try:
        while True:
            await world.sender.send_due()
            await asyncio.sleep(1 if world.gateway.late_by < timedelta(days=1) else 300)
    finally:
        stop.set()
        await running


async def end(world: World, working: asyncio.Task[None]) -> None:
    """Nothing is wrong, now and when the year is over."""
    working.cancel()
    await asyncio.wait([working])
    await rest(world, timedelta(days=10))
    check_holds(world.books, world.ledger())
    await rest(world, timedelta(days=365))
    check_quiescence(world.books, world.ledger())
    assert world.broken is None


def holds(world: World) -> list[Intent]:
    """What is held or taken, try by try."""
    account = world.bank.known.get(PaymentId(BUY))
    live = (Status.REQUIRES_CAPTURE, Status.SUCCEEDED)
    return [intent for intent in (account.intents if account else ()) if intent.status in live]


def placed(world: World) -> bool:
    return OrderId(BUY) in world.books.orders


def attention(world: World) -> list[str]:
    told = [last.attention for last in world.books.journals.values() if last.attention]
    return told + [parked.error for parked in world.books.parked.values()]


@pytest.mark.parametrize(
    ("method", "seconds"),
    [
        ("pm_card_timeout", SOON),
        ("pm_card_duplicate_webhooks", SOON),
        ("pm_card_out_of_order_webhooks", SOON),
        ("pm_card_late", 1800.0),
    ],
)
def test_however_the_answer_comes_there_is_one_order_and_one_hold(method: str, seconds: float) -> None:
    async def story() -> None:
        world = calm()
        world.gateway.late_by = timedelta(minutes=10)
        working = await begin(world, method)
        await asyncio.sleep(seconds)
        assert placed(world)
        assert [hold.amount.amount for hold in holds(world)] == [DUE]
        await end(world, working)

    run(story())


def test_an_answer_that_comes_days_after_time_was_over_buys_nothing_and_goes_back() -> None:
    async def story() -> None:
        world = calm()
        world.gateway.late_by = timedelta(days=3)
        working = await begin(world, "pm_card_late")
        await asyncio.sleep(7200)
        assert world.books.live == {}
        await asyncio.sleep(DAYS)
        assert (placed(world), holds(world)) == (False, [])
        await end(world, working)

    run(story())


def test_another_amount_sells_nothing_and_goes_back() -> None:
    async def story() -> None:
        world = calm()
        working = await begin(world, "pm_card_wrong_amount")
        await asyncio.sleep(7200)
        assert (placed(world), holds(world)) == (False, [])
        await end(world, working)

    run(story())


@dataclass(slots=True)
class Unwell:
    """A gateway that acts, and says 500, so many times; or sends its webhooks before it answers."""

    gateway: Gateway
    times: int = 0
    before_answering: Callable[[], Any] | None = None
    calls: list[str] = field(default_factory=list)

    async def authorise(
        self, asked: PaymentRequested, key: str
    ) -> RecordAuthorisation | RecordActionRequired | RecordFailure | None:
        self.calls.append(key)
        answer = await self.gateway.authorise(asked, key)
        if self.before_answering is not None:
            await self.before_answering()
        if len(self.calls) <= self.times:
            raise GatewayUnavailable("500 Internal Server Error")
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.gateway, name)


def test_after_some_500s_there_is_one_order_and_one_hold() -> None:
    async def story() -> None:
        world = calm(lambda gateway: Unwell(gateway, times=3))
        working = await begin(world, "pm_card_ok")
        await asyncio.sleep(SOON)
        assert placed(world)
        assert [hold.amount.amount for hold in holds(world)] == [DUE]
        await end(world, working)

    run(story())


def test_a_gateway_that_says_nothing_but_500_is_shown_to_people() -> None:
    async def story() -> None:
        world = calm(lambda gateway: Unwell(gateway, times=10**6))
        working = await begin(world, "pm_card_ok")
        await asyncio.sleep(7200)
        assert not placed(world)
        assert attention(world) == ["GatewayUnavailable"]
        working.cancel()
        await asyncio.wait([working])

    run(story())


def test_a_webhook_that_comes_before_the_answer_is_as_good_as_the_answer() -> None:
    async def story() -> None:
        world = calm(lambda gateway: Unwell(gateway, before_answering=lambda: world.sender.send_due()))
        working = await begin(world, "pm_card_duplicate_webhooks")
        await asyncio.sleep(SOON)
        assert placed(world)
        assert [hold.amount.amount for hold in holds(world)] == [DUE]
        assert attention(world) == []
        await end(world, working)

    run(story())


@pytest.mark.parametrize("approve", [True, False])
def test_browser_and_webhook_at_once_confirm_once_and_nothing_is_placed_before(approve: bool) -> None:
    async def story() -> None:
        world = calm()
        working = await begin(world, "pm_card_3ds")
        await asyncio.sleep(SOON)
        (intent,) = world.bank.known[PaymentId(BUY)].intents
        assert (intent.status, placed(world)) == (Status.REQUIRES_ACTION, False)
        confirming = [world.gateway.confirm(intent.ref, approve=approve) for _ in range(3)]
        await asyncio.gather(*confirming, world.sender.send_due(), *(world.sender.send_due() for _ in range(3)))
        await asyncio.sleep(SOON)
        assert placed(world) is approve
        assert [hold.amount.amount for hold in holds(world)] == ([DUE] if approve else [])
        await end(world, working)

    run(story())


@pytest.mark.parametrize("method", ["pm_card_3ds", "pm_card_late"])
def test_a_shopper_who_pays_again_while_the_first_payment_is_pending_pays_once(method: str) -> None:
    async def story() -> None:
        world = calm()
        world.gateway.late_by = timedelta(minutes=2)
        working = await begin(world, method)
        await asyncio.sleep(5)
        again = [
            world.request(ANNA, "pay again", lambda handler, signed: pay_again(handler, BUY, "pm_card_ok", signed))
            for _ in range(2)
        ]
        await asyncio.gather(*again)
        for intent in world.bank.known[PaymentId(BUY)].intents:
            await world.gateway.confirm(intent.ref, approve=True)
        await asyncio.sleep(600)
        assert placed(world)
        assert [hold.amount.amount for hold in holds(world)] == [DUE]
        await end(world, working)

    run(story())


@dataclass(slots=True)
class Away:
    """A gateway that takes no money until it is back."""

    gateway: Gateway
    back: asyncio.Event

    async def capture(self, asked: CaptureRequested, key: str) -> CaptureAnswer:
        if not self.back.is_set():
            raise GatewayUnavailable("502 Bad Gateway")
        return await self.gateway.capture(asked, key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.gateway, name)


def test_a_capture_that_was_parked_in_an_outage_is_carried_out_when_the_gateway_is_back() -> None:
    async def story() -> None:
        back, stop = asyncio.Event(), asyncio.Event()
        world = calm(lambda gateway: Away(gateway, back))

        async def waiting(names: Collection[str], errors: Collection[str]) -> Sequence[UUID]:
            parked = world.books.parked.values()
            return [it.command_id for it in parked if it.command.name in names and it.error in errors]

        retries = GatewayRetries(
            waiting, world.store, world.codec, world.api, world.progress.position, ("GatewayUnavailable",)
        )
        resending = asyncio.create_task(retries.run(stop))
        working = await begin(world, "pm_card_ok")
        await asyncio.sleep(SOON)
        parcel = ShipmentId(f"{BUY}.1")
        await world.ask("picker", PickShipment(shipment_id=parcel))
        await world.ask("packer", PackShipment(shipment_id=parcel))
        await asyncio.sleep(4 * 3600)
        assert [hold.status for hold in holds(world)] == [Status.REQUIRES_CAPTURE]
        assert attention(world) == ["GatewayUnavailable"]
        events = world.books.seen

        await asyncio.sleep(24 * 3600)
        assert world.books.seen - events <= 2 * 24 * 6
        back.set()
        await asyncio.sleep(900)
        assert [hold.status for hold in holds(world)] == [Status.SUCCEEDED]
        assert attention(world) == []
        stop.set()
        await resending
        working.cancel()
        await asyncio.wait([working])
        assert world.broken is None

    run(story())
