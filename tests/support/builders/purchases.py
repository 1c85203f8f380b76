"""The facts of one purchase, from the cart to the door."""

import json
from datetime import timedelta
from uuid import UUID

from domain.cart.commands import Delivery, Offer
from domain.cart.events import CartCheckedOut, CartOpened, ItemAdded, PriceAgreed
from domain.order.events import OrderDelivered, OrderDispatched, OrderPlaced
from domain.payment.events import (
    CaptureRequested,
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentRequested,
)
from domain.shared.ids import (
    CartId,
    CheckoutId,
    CustomerId,
    OrderId,
    PaymentId,
    ProductId,
    Sku,
    Warehouse,
    order_of,
    payment_of,
    shipment_of,
)
from domain.shared.journal import Envelope, JournalEntry
from domain.shared.money import Money
from domain.shared.personal import Sealed
from domain.shared.pricing import PricedLine, PriceStep, UnitPrice
from domain.shared.units import Units
from domain.shipment.events import (
    ShipmentCleared,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentPacked,
    ShipmentPicked,
    ShipmentPlanned,
)
from tests.support.builders.event_log_builder import NOON, Log
from tests.support.builders.sold import at_list, from_one

MAIN = Warehouse("MAIN")
MILK = PricedLine(
    sku=Sku("MILK-1"),
    product_id=ProductId("MILK"),
    category_id=None,
    title="Whole milk",
    quantity=2,
    steps=(
        PriceStep(kind="list", amount=Money(198, "USD"), reason="2 x 0.99 USD"),
        PriceStep(kind="agreed", amount=Money(-18, "USD"), reason="regular customer"),
    ),
    total=Money(180, "USD"),
)
BREAD = PricedLine(
    sku=Sku("BREAD-1"),
    product_id=ProductId("BREAD"),
    category_id=None,
    title="Bread",
    quantity=1,
    steps=(PriceStep(kind="list", amount=Money(250, "USD"), reason="1 x 2.50 USD"),),
    total=Money(250, "USD"),
)
DELIVERY = Money(500, "USD")
TOTAL = Money(930, "USD")


def home_of(customer: CustomerId) -> Sealed:
    """An address as the write API seals it, for a vault that seals nothing."""
    home = {"name": customer, "street": "Bergstrasse 1", "postal_code": "8001", "city": "Zürich", "country": "CH"}
    return Sealed(subject=customer, ciphertext=json.dumps({**home, "region": ""}))


class Purchase:
    """Two litres of milk and a loaf for one customer; each method tells one chapter, in the stream where it belongs."""

    def __init__(self, log: Log, number: str = "O1", customer: str = "anna", cart: str = "C1") -> None:
        self.log = log
        self.checkout_id = CheckoutId(number)
        self.order_id = OrderId(number)
        self.payment_id = PaymentId(number)
        self.customer = CustomerId(customer)
        self.cart_id = CartId(cart)
        self.parcel = shipment_of(self.order_id, 1)
        self.items = (Units(sku=MILK.sku, quantity=2), Units(sku=BREAD.sku, quantity=1))

    def check_out(self) -> None:
        address = home_of(self.customer)
        checked_out = CartCheckedOut(
            cart_id=self.cart_id,
            checkout_id=self.checkout_id,
            owner=self.customer,
            lines=(MILK, BREAD),
            delivery=Delivery(method="parcel", price=DELIVERY, warehouses=(MAIN,), address=address),
            delivery_steps=at_list("parcel", DELIVERY),
            total=TOTAL,
            payment_method="card",
            at=NOON,
        )
        self.log.tell(checked_out, stream=f"cart-{self.cart_id}", by=self.customer)
        self.reach("reserving")

    def reach(self, phase: str, attention: str | None = None, process: str = "checkout") -> None:
        heard = JournalEntry(
            process=process,
            instance=self.checkout_id,
            input_id=UUID(int=1),
            input=Envelope(OrderDelivered(order_id=self.order_id, shipment_id=self.parcel)),
            input_at=NOON,
            asked=(),
            alarms=(),
            phase=phase,
            attention=attention,
        )
        self.log.tell(heard, stream=f"{process}-{self.checkout_id}", by=process)

    def request_payment(self) -> None:
        requested = PaymentRequested(
            payment_id=self.payment_id,
            order_id=self.order_id,
            customer_id=self.customer,
            attempt=1,
            amount=TOTAL,
            method="card",
        )
        self._pay(requested)
        self.reach("awaiting payment")

    def require_action(self) -> None:
        required = PaymentActionRequired(
            payment_id=self.payment_id,
            order_id=self.order_id,
            attempt=1,
            gateway_ref="ref",
            action_url="https://bank.example/3ds",
        )
        self._pay(required)

    def authorise(self) -> None:
        authorised = PaymentAuthorised(
            payment_id=self.payment_id,
            order_id=self.order_id,
            attempt=1,
            gateway_ref="ref",
            amount=TOTAL,
            capture_before=NOON + timedelta(days=7),
        )
        self._pay(authorised)

    def place(self, at: int = 0) -> None:
        placed = OrderPlaced(
            order_id=order_of(self.checkout_id),
            checkout_id=self.checkout_id,
            cart_id=self.cart_id,
            customer_id=self.customer,
            lines=(from_one(MILK, MAIN), from_one(BREAD, MAIN)),
            delivery_method="parcel",
            delivery_price=DELIVERY,
            delivery_steps=at_list("parcel", DELIVERY),
            address=home_of(self.customer),
            total=TOTAL,
            payment_id=payment_of(self.checkout_id),
            at=NOON + timedelta(minutes=at),
        )
        self.log.tell(placed, stream=f"order-{self.order_id}", by="checkout")
        self.reach("placed")

    def pack(self) -> None:
        self._ship(
            ShipmentPlanned(shipment_id=self.parcel, order_id=self.order_id, warehouse=MAIN, items=self.items),
            ShipmentPicked(shipment_id=self.parcel, order_id=self.order_id),
            ShipmentPacked(shipment_id=self.parcel, order_id=self.order_id),
        )

    def capture(self) -> None:
        self._pay(
            CaptureRequested(payment_id=self.payment_id, order_id=self.order_id, gateway_ref="ref", amount=TOTAL),
            PaymentCaptured(payment_id=self.payment_id, order_id=self.order_id, amount=TOTAL),
        )

    def dispatch(self) -> None:
        dispatched = ShipmentDispatched(
            shipment_id=self.parcel,
            order_id=self.order_id,
            warehouse=MAIN,
            items=self.items,
            carrier="DHL",
            tracking="JD014",
        )
        self._ship(ShipmentCleared(shipment_id=self.parcel, order_id=self.order_id), dispatched)
        on_its_way = OrderDispatched(order_id=self.order_id, shipment_id=self.parcel, units=self.items)
        self.log.tell(on_its_way, stream=f"order-{self.order_id}", by="fulfilment")

    def deliver(self) -> None:
        self._ship(ShipmentDelivered(shipment_id=self.parcel, order_id=self.order_id))
        arrived = OrderDelivered(order_id=self.order_id, shipment_id=self.parcel)
        self.log.tell(arrived, stream=f"order-{self.order_id}", by="fulfilment")

    def buy(self, at: int = 0) -> None:
        """Everything up to the placed order."""
        self.check_out()
        self.request_payment()
        self.authorise()
        self.place(at)

    def fulfil(self) -> None:
        """Everything from the placed order to the door."""
        self.pack()
        self.capture()
        self.dispatch()
        self.deliver()

    def _pay(self, *facts: object) -> None:
        self.log.tell(*facts, stream=f"payment-{self.payment_id}", by="gateway")

    def _ship(self, *facts: object) -> None:
        self.log.tell(*facts, stream=f"shipment-{self.parcel}", by="walter")


def a_cart(log: Log) -> None:
    """Anna's cart: milk as listed, bread at an agreed price."""
    cart_id, bread = CartId("C1"), BREAD.sku

    def offer(line: PricedLine, cents: int) -> Offer:
        return Offer(
            sku=line.sku,
            product_id=line.product_id,
            category_id=None,
            title=line.title,
            unit_price=UnitPrice(amount=Money(cents, "USD")),
        )

    log.tell(
        CartOpened(cart_id=cart_id, owner=CustomerId("anna"), currency="USD", at=NOON),
        ItemAdded(cart_id=cart_id, offer=offer(MILK, 99), quantity=2, at=NOON),
        ItemAdded(cart_id=cart_id, offer=offer(BREAD, 250), quantity=1, at=NOON),
        PriceAgreed(cart_id=cart_id, sku=bread, total=Money(200, "USD"), reason="day-old", at=NOON),
        stream="cart-C1",
    )


def bought(log: Log) -> Purchase:
    """A purchase that has come to the door."""
    purchase = Purchase(log)
    purchase.buy()
    purchase.fulfil()
    return purchase
