"""A shop with something of everything, so that random requests do not only find that there is nothing."""

from datetime import UTC, datetime
from uuid import UUID

from commands.handler import CommandHandler
from commands.ports import EventStore, NewEvent
from domain.cart.commands import OpenCart
from domain.category.commands import CreateCategory
from domain.order.commands import PlaceOrder
from domain.payment.commands import RecordAuthorisation, RecordCapture, RequestCapture, RequestPayment
from domain.shared.ids import (
    CartId,
    CategoryId,
    CheckoutId,
    CustomerId,
    OrderId,
    PaymentId,
    ShipmentId,
    Warehouse,
)
from domain.shared.journal import CommandParked, Envelope
from domain.shared.messages import name_of
from domain.shared.pricing import PricedLine, PriceStep
from domain.shared.units import Units
from domain.shipment.commands import ClearShipment, PlanShipment
from domain.stock.commands import ReceiveStock
from infra.serialization.codec import JsonCodec
from tests.support.builders.for_sale import MUG, NOON, by_staff, product_id, put_on_sale, shop_handler, usd
from tests.support.builders.sold import at_list, from_one

SOMEBODY = CustomerId("anna")
MANY = 5
IDS = [f"thing-{n}" for n in range(MANY)]
"""Carts, orders and payments, those of a number belonging together."""

PARCELS = [f"{it}.1" for it in IDS]

MAIN, CATEGORY = Warehouse("MAIN"), CategoryId("crockery")
PARKED = UUID(int=7)
FAR = datetime(2036, 1, 1, tzinfo=UTC)


async def fill(store: EventStore) -> None:
    """Everything of it, whoever asks belongs to SOMEBODY."""
    handler = shop_handler(store)
    await put_on_sale(handler)
    await handler(CreateCategory(category_id=CATEGORY, name="Crockery", parent_id=None), by_staff())
    await handler(ReceiveStock(sku=MUG, warehouse=MAIN, quantity=1000), by_staff())
    for it in IDS:
        await _purchase(handler, it)
    parked = CommandParked(
        process="checkout",
        instance=IDS[0],
        command_id=PARKED,
        command=Envelope(ClearShipment(shipment_id=ShipmentId(PARCELS[0]))),
        error="TimeoutError",
        attempts=8,
    )
    event = NewEvent(UUID(int=8), name_of(parked), JsonCodec().encode(parked), by_staff())
    await store.append(f"parked-{PARKED}", [event], expected=-1)


async def _purchase(handler: CommandHandler, it: str) -> None:
    payment, order = PaymentId(it), OrderId(it)
    for command in (
        OpenCart(cart_id=CartId(it), owner=SOMEBODY, currency="USD", at=NOON),
        _placed(it),
        RequestPayment(payment_id=payment, order_id=order, customer_id=SOMEBODY, amount=usd(2500), method="card"),
        RecordAuthorisation(
            payment_id=payment, attempt=1, gateway_ref=f"pi_{it}", amount=usd(2500), capture_before=FAR
        ),
        RequestCapture(payment_id=payment),
        RecordCapture(payment_id=payment, amount=usd(2500)),
        PlanShipment(
            shipment_id=ShipmentId(f"{it}.1"), order_id=order, warehouse=MAIN, items=(Units(sku=MUG, quantity=2),)
        ),
    ):
        await handler(command, by_staff())


def _placed(it: str) -> PlaceOrder:
    price = usd(2500)
    line = PricedLine(
        sku=MUG,
        product_id=product_id(MUG),
        category_id=None,
        title="A mug",
        quantity=2,
        steps=(PriceStep(kind="list", amount=price, reason="2 x 12.50"),),
        total=price,
    )
    return PlaceOrder(
        order_id=OrderId(it),
        checkout_id=CheckoutId(it),
        cart_id=CartId(it),
        customer_id=SOMEBODY,
        lines=(from_one(line, MAIN),),
        delivery_method="pickup",
        delivery_price=usd(0),
        delivery_steps=at_list("pickup", usd(0)),
        address=None,
        total=price,
        payment_id=PaymentId(it),
        at=NOON,
    )
