"""Orders and carts as their shopper may see them: without notes of staff, and without what is of others."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from domain.order.number import number_of
from domain.payment.state import PaymentPhase
from domain.pricing.quote import AGREED
from domain.product.decider import MOST_BASE_QUANTITY
from domain.shared.ids import CartId, ShipmentId
from domain.shared.money import Money
from domain.shared.pricing import PriceStep
from domain.shared.units import Units
from domain.shipment.state import Shipment
from projections.carts import CartPage
from projections.order_view import OrderView
from write_api.http.fields import HIGHEST_TOTAL, MOST_UNITS


def _within(least: int, most: int) -> FieldInfo:
    """Bounds for the documents. They are not enforced: stored values are returned as they are."""
    found: FieldInfo = Field(json_schema_extra={"minimum": least, "maximum": most})
    return found


Count = Annotated[int, _within(0, MOST_UNITS)]


class Sum(BaseModel):
    """Money in minor units (cents); negative where it is taken off."""

    amount: Annotated[int, _within(-HIGHEST_TOTAL, HIGHEST_TOTAL)]
    currency: str


class OwnStep(BaseModel):
    """One step on the way to a price."""

    kind: str
    amount: Sum
    reason: str | None = Field(description="Not told for an agreed price: a member of staff wrote it.")


class OwnLine(BaseModel):
    """What was sold, and what became of its units."""

    sku: str
    title: str
    quantity: Count
    dispatched: Count
    cancelled: Count
    price_steps: list[OwnStep]
    total: Sum


class OwnDestination(BaseModel):
    """Where an order goes, as it was typed."""

    name: str
    street: str
    postal_code: str = ""
    city: str
    region: str = ""
    country: str


class OwnDelivery(BaseModel):
    """How an order travels."""

    method: str
    price: Sum
    price_steps: list[OwnStep]
    address: OwnDestination | None


class OwnRefund(BaseModel):
    """Money on its way back, or there."""

    amount: Sum
    status: str


class OwnPayment(BaseModel):
    """Money held, taken and given back."""

    payment_id: str
    status: str
    method: str
    amount: Sum
    captured: Sum
    refunded: Sum
    refunds: list[OwnRefund]
    failure: str | None


class OwnUnits(BaseModel):
    """So many units of a SKU."""

    sku: str
    quantity: Count


class OwnShipment(BaseModel):
    """A parcel."""

    shipment_id: str
    status: str
    items: list[OwnUnits]
    carrier: str | None
    tracking: str | None
    last_seen: str | None


class OwnOrder(BaseModel):
    """An order, its payment and its parcels."""

    order_id: str
    number: str
    status: str
    placed_at: datetime
    lines: list[OwnLine]
    delivery: OwnDelivery
    total: Sum
    owed: Sum
    payment: OwnPayment | None
    shipments: list[OwnShipment]


class OwnCartLine(BaseModel):
    """So many units of a SKU, at the price that the shopper saw for `base_quantity` units."""

    sku: str
    title: str | None
    quantity: Count
    unit_price: Sum
    base_quantity: Annotated[int, _within(1, MOST_BASE_QUANTITY)]
    agreed_total: Sum | None


class OwnedCart(BaseModel):
    """A cart; one that was bought names its order."""

    cart_id: str
    status: str
    currency: str
    touched_at: datetime | None
    lines: list[OwnCartLine]
    order_id: str | None


def order_of(view: OrderView, address: OwnDestination | None) -> OwnOrder:
    placed, status = view.placed, view.status
    assert placed is not None, "the read model lists placed orders only"
    assert status is not None
    return OwnOrder(
        order_id=view.order_id,
        number=number_of(view.order_id),
        status=status.value,
        placed_at=placed.at,
        lines=[
            OwnLine(
                sku=it.sold.priced.sku,
                title=it.sold.priced.title,
                quantity=it.sold.priced.quantity,
                dispatched=it.dispatched,
                cancelled=it.cancelled,
                price_steps=_steps(it.sold.priced.steps),
                total=_sum(it.sold.priced.total),
            )
            for it in view.lines()
        ],
        delivery=OwnDelivery(
            method=placed.delivery_method,
            price=_sum(placed.delivery_price),
            price_steps=_steps(placed.delivery_steps),
            address=address,
        ),
        total=_sum(view.order.total),
        owed=_sum(view.order.owed),
        payment=_payment(view),
        shipments=_shipments(view),
    )


def cart_of(cart_id: CartId, page: CartPage) -> OwnedCart:
    cart = page.cart
    lines = [
        OwnCartLine(
            sku=it.sku,
            title=None if (goods := page.goods.get(it.sku)) is None else goods.title,
            quantity=it.quantity,
            unit_price=_sum(it.seen.amount),
            base_quantity=it.seen.base_quantity,
            agreed_total=None if it.agreed is None else _sum(it.agreed.total),
        )
        for it in cart.lines
    ]
    bought = "checked out" if cart.checkout_id is not None else "abandoned"
    return OwnedCart(
        cart_id=cart_id,
        status="open" if cart.is_open else bought,
        currency=cart.currency,
        touched_at=cart.touched_at,
        lines=lines,
        order_id=cart.checkout_id,
    )


def _steps(steps: Iterable[PriceStep]) -> list[OwnStep]:
    return [
        OwnStep(kind=it.kind, amount=_sum(it.amount), reason=None if it.kind == AGREED else it.reason) for it in steps
    ]


def _payment(view: OrderView) -> OwnPayment | None:
    paid = view.payment
    if paid.phase is PaymentPhase.NEW:
        return None
    return OwnPayment(
        payment_id=paid.payment_id,
        status=paid.phase.value,
        method=paid.method,
        amount=_sum(paid.asked),
        captured=_sum(paid.captured),
        refunded=_sum(paid.refunded),
        refunds=[OwnRefund(amount=_sum(it.amount), status=it.phase.value) for _, it in sorted(paid.refunds.items())],
        failure=view.payment_failure,
    )


def _shipments(view: OrderView) -> list[OwnShipment]:
    return [_shipment(it, parcel) for it, parcel in sorted(view.shipments.items(), key=_number)]


def _number(item: tuple[ShipmentId, Shipment]) -> int:
    return int(item[0].rpartition(".")[2])


def _shipment(shipment_id: ShipmentId, parcel: Shipment) -> OwnShipment:
    carrier, tracking = parcel.label or (None, None)
    return OwnShipment(
        shipment_id=shipment_id,
        status=parcel.phase.name.lower().replace("_", " "),
        items=_units(parcel.items),
        carrier=carrier,
        tracking=tracking,
        last_seen=parcel.last_status,
    )


def _units(units: Iterable[Units]) -> list[OwnUnits]:
    return [OwnUnits(sku=it.sku, quantity=it.quantity) for it in units]


def _sum(money: Money) -> Sum:
    return Sum(amount=money.amount, currency=money.currency)
