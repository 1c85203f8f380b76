"""What an order is made of: lines with their price steps, the payment, the parcels, what happened."""

from datetime import datetime
from enum import Enum

import strawberry

from domain.order.state import Line
from domain.payment.dispute import Dispute as PaymentDispute
from domain.payment.dispute import DisputeStatus
from domain.payment.state import PaymentPhase, RefundPhase
from domain.shared.ids import DisputeId, ProductId, ShipmentId
from domain.shared.recorded import Position
from domain.shipment.state import Shipment as ShipmentState
from domain.shipment.state import ShipmentPhase
from projections import order_timeline
from projections.order_view import OrderView
from read_api.graphql.access import STAFF
from read_api.graphql.context import Info
from read_api.graphql.values import Money, Units, described, shown, units
from read_api.price_steps import PriceStep, price_steps
from read_api.products import Product

strawberry.enum(PaymentPhase, name="PaymentStatus", description="Where the money stands.")
strawberry.enum(RefundPhase, name="RefundStatus", description="What became of a refund.")
strawberry.enum(DisputeStatus, description="Where a dispute stands; an inquiry moves no money.")
strawberry.enum(ShipmentPhase, name="ShipmentStatus", description="How far a parcel is.")


@strawberry.enum(description="Why a payment failed, as far as a shopper can do something about it.")
class PaymentFailure(Enum):
    CARD_DECLINED = "card_declined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    AUTHENTICATION_FAILED = "authentication_failed"
    UNKNOWN_PAYMENT_METHOD = "unknown_payment_method"
    CANCELLED = "canceled"
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> "PaymentFailure":  # noqa: ARG003 - gateways have many words
        return cls.OTHER


@strawberry.type(description="What was sold, and what became of its units.")
class OrderLine:
    sku: strawberry.ID
    title: str
    quantity: int
    dispatched: int
    cancelled: int
    price_steps: list[PriceStep] = strawberry.field(description="They add up to the total.")
    total: Money
    product_id: strawberry.Private[ProductId]

    @described("None when it is no longer on sale.")
    async def product(self, info: Info) -> Product | None:
        return Product.visible(await info.context.loaders.products.load(self.product_id), info)


@strawberry.type(description="Money on its way back, or there.")
class Refund:
    refund_id: strawberry.ID
    amount: Money
    status: RefundPhase
    failure: str | None = strawberry.field(description="Why the last try failed, in the words of the payment gateway.")
    outside: bool = strawberry.field(description="Somebody refunded by hand at the payment gateway.")


@strawberry.type(description="What the cardholder's bank disputes or inquires about.")
class Dispute:
    dispute_id: strawberry.ID
    status: DisputeStatus
    amount: Money
    reason: str = strawberry.field(description="The bank's word for it.")
    respond_by: datetime | None
    moved: Money = strawberry.field(description="How it changed the shop's balance; negative was taken from the shop.")
    fee: Money = strawberry.field(description="The fees of the same, negative as well.")


@strawberry.type(description="What the shop has of a payment, for staff.")
class PaymentBooks:
    captured_outside: bool = strawberry.field(description="Somebody took the money by hand at the payment gateway.")
    disputes: list[Dispute]
    disputed: Money = strawberry.field(description="What disputes changed the shop's balance by, without fees.")
    fees: Money = strawberry.field(description="What they changed it by in fees.")
    received: Money = strawberry.field(description="What is left after refunds, disputes and fees; may be negative.")


@strawberry.type(description="Money held, taken and given back.")
class Payment:
    payment_id: strawberry.ID
    revision: int = strawberry.field(description="For `If-Match` when it is refunded.")
    status: PaymentPhase
    method: str
    amount: Money
    captured: Money
    refunded: Money
    refundable: Money = strawberry.field(description="What was taken and has not been promised back.")
    released: Money = strawberry.field(description="What was held and went back untaken.")
    refunds: list[Refund] = strawberry.field(description="In the order of their ids, which is that of asking.")
    action_url: str | None = strawberry.field(description="Where the shopper has to confirm the payment (3-D Secure).")
    failure: PaymentFailure | None = strawberry.field(description="Why the last attempt failed.")
    failure_detail: str | None = strawberry.field(description="The same in the words of the payment gateway.")


@strawberry.type(description="A parcel.")
class Shipment:
    shipment_id: strawberry.ID
    revision: int = strawberry.field(description="For `If-Match`.")
    status: ShipmentPhase
    warehouse: str
    items: list[Units]
    missing: list[Units] = strawberry.field(description="What the shelf did not hold.")
    carrier: str | None
    tracking: str | None
    last_seen: str | None = strawberry.field(description="What the carrier said last.")


@strawberry.type(description="One thing that happened: what, when, by whom and why.")
class Moment:
    position: Position
    at: datetime
    kind: str = strawberry.field(description="The stored name of the event.")
    what: str
    by: str = strawberry.field(description="Shoppers read `the shop` where it was done by staff.")
    why: str | None = strawberry.field(description="What staff wrote is for staff and auditors.")

    @STAFF.null_for_others("What `by` is called: a member of staff by name or address, an API key by its name.")
    async def by_name(self, info: Info) -> str | None:
        return await info.context.loaders.actor_names.load(self.by)


def lines(view: OrderView) -> list[OrderLine]:
    return [_line(line) for line in view.lines()]


def _line(line: Line) -> OrderLine:
    priced = line.sold.priced
    return OrderLine(
        sku=strawberry.ID(priced.sku),
        title=priced.title,
        quantity=priced.quantity,
        dispatched=line.dispatched,
        cancelled=line.cancelled,
        price_steps=price_steps(priced.steps),
        total=shown(priced.total),
        product_id=priced.product_id,
    )


def payment(view: OrderView) -> Payment | None:
    """None when nothing has been asked for."""
    paid = view.payment
    if paid.phase is PaymentPhase.NEW:
        return None
    return Payment(
        payment_id=strawberry.ID(paid.payment_id),
        revision=view.revisions.get(f"payment-{paid.payment_id}", -1),
        status=paid.phase,
        method=paid.method,
        amount=shown(paid.asked),
        captured=shown(paid.captured),
        refunded=shown(paid.refunded),
        refundable=shown(paid.refundable),
        refunds=[
            Refund(
                refund_id=strawberry.ID(it),
                amount=shown(refund.amount),
                status=refund.phase,
                failure=refund.failure,
                outside=refund.outside,
            )
            for it, refund in sorted(paid.refunds.items())
        ],
        released=shown(paid.released),
        action_url=view.action_url,
        failure=None if view.payment_failure is None else PaymentFailure(view.payment_failure),
        failure_detail=view.payment_failure,
    )


def books(view: OrderView) -> PaymentBooks | None:
    """None when nothing has been asked for."""
    paid = view.payment
    if paid.phase is PaymentPhase.NEW:
        return None
    return PaymentBooks(
        captured_outside=paid.captured_outside,
        disputes=[_dispute(it, dispute) for it, dispute in sorted(paid.disputes.items())],
        disputed=shown(paid.disputed),
        fees=shown(paid.fees),
        received=shown(paid.received),
    )


def _dispute(dispute_id: DisputeId, dispute: PaymentDispute) -> Dispute:
    return Dispute(
        dispute_id=strawberry.ID(dispute_id),
        status=dispute.status,
        amount=shown(dispute.amount),
        reason=dispute.reason,
        respond_by=dispute.respond_by,
        moved=shown(dispute.moved),
        fee=shown(dispute.fee),
    )


def shipments(view: OrderView) -> list[Shipment]:
    return [shipment(it, view) for it, _ in sorted(view.shipments.items(), key=_number)]


def _number(item: tuple[ShipmentId, ShipmentState]) -> int:
    return int(item[0].rpartition(".")[2])


def shipment(shipment_id: ShipmentId, view: OrderView) -> Shipment:
    parcel = view.shipments[shipment_id]
    carrier, tracking = parcel.label or (None, None)
    return Shipment(
        shipment_id=strawberry.ID(shipment_id),
        revision=view.revisions.get(f"shipment-{shipment_id}", -1),
        status=parcel.phase,
        warehouse=parcel.warehouse,
        items=units(parcel.items),
        missing=units(parcel.missing),
        carrier=carrier,
        tracking=tracking,
        last_seen=parcel.last_status,
    )


def moment(told: order_timeline.Moment) -> Moment:
    return Moment(position=told.position, at=told.at, kind=told.kind, what=told.what, by=told.by, why=told.why)
