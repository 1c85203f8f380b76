"""The commands and timers that a checkout requests, in full."""

from datetime import datetime, timedelta

from domain.cart.commands import ReopenCart
from domain.order.commands import CancelOrder, OrderLine, PlaceOrder, Source
from domain.payment.commands import RequestPayment, RequestRefund, RequestVoid
from domain.shared.holding import Holder
from domain.shared.ids import OrderId, RefundId, Sku, Warehouse, order_of, payment_of
from domain.stock.commands import CommitReservation, ExtendReservation, ReleaseReservation, ReserveStock
from process_managers.checkout.lines import Hold, Part
from process_managers.checkout.reasons import why
from process_managers.checkout.state import PAY, RESERVATION, SCARCE_RESERVATION, Checkout
from process_managers.engine.process import SetTimer

PAY_BEFORE_END = timedelta(minutes=1)


def reserve(before: Checkout | None, checkout: Checkout, at: datetime) -> list[ReserveStock]:
    """All that is to be held now and was not before."""
    bought = checkout.bought
    return [
        ReserveStock(
            sku=sku,
            warehouse=warehouse,
            order_id=_order(checkout),
            quantity=part.quantity,
            expires_at=at + RESERVATION,
            expires_if_scarce=at + SCARCE_RESERVATION,
            holder=Holder(shopper=bought.owner, client=bought.client),
            limits=bought.limits,
        )
        for sku, warehouse, part in parts(checkout)
        if part.hold is Hold.NOTHING_YET and not _same(before, sku, warehouse, part)
    ]


def pay_timer(checkout: Checkout) -> SetTimer:
    return SetTimer(name=PAY, due=checkout.held_until - PAY_BEFORE_END)


def request_payment(checkout: Checkout) -> RequestPayment:
    bought = checkout.bought
    return RequestPayment(
        payment_id=payment_of(bought.checkout_id),
        order_id=_order(checkout),
        customer_id=bought.owner,
        amount=bought.total,
        method=bought.payment_method,
    )


def extend(checkout: Checkout) -> list[ExtendReservation]:
    order, until = _order(checkout), checkout.held_until
    return [
        ExtendReservation(sku=sku, warehouse=warehouse, order_id=order, expires_at=until)
        for sku, warehouse, _ in parts(checkout)
    ]


def commit(checkout: Checkout) -> list[CommitReservation]:
    order = _order(checkout)
    return [CommitReservation(sku=sku, warehouse=warehouse, order_id=order) for sku, warehouse, _ in parts(checkout)]


def place(checkout: Checkout) -> PlaceOrder:
    bought = checkout.bought
    return PlaceOrder(
        order_id=_order(checkout),
        checkout_id=bought.checkout_id,
        cart_id=bought.cart_id,
        customer_id=bought.owner,
        lines=tuple(OrderLine(priced=line, sources=_sources(checkout, line.sku)) for line in bought.lines),
        delivery_method=bought.delivery.method,
        delivery_price=bought.delivery.price,
        delivery_steps=bought.delivery_steps,
        address=bought.delivery.address,
        total=bought.total,
        payment_id=None if checkout.free else payment_of(bought.checkout_id),
        at=bought.at,
    )


def void(checkout: Checkout) -> RequestVoid:
    return RequestVoid(payment_id=payment_of(checkout.bought.checkout_id), reason=why(checkout))


def refund(checkout: Checkout) -> RequestRefund:
    return RequestRefund(
        payment_id=payment_of(checkout.bought.checkout_id),
        refund_id=RefundId(f"{checkout.bought.checkout_id}.checkout"),
        amount=checkout.bought.total,
        reason=why(checkout),
    )


def release(checkout: Checkout, sku: Sku, warehouse: Warehouse) -> ReleaseReservation:
    return ReleaseReservation(
        sku=sku, warehouse=warehouse, order_id=_order(checkout), reason=f"checkout {checkout.phase}"
    )


def reopen(checkout: Checkout) -> ReopenCart:
    bought = checkout.bought
    return ReopenCart(cart_id=bought.cart_id, checkout_id=bought.checkout_id, reason=why(checkout))


def cancel_order(checkout: Checkout) -> CancelOrder:
    return CancelOrder(order_id=_order(checkout), reason="The shopper cancelled.")


def parts(checkout: Checkout) -> list[tuple[Sku, Warehouse, Part]]:
    """All parts of all lines, by SKU and warehouse."""
    return [
        (sku, warehouse, part)
        for sku, line in sorted(checkout.lines.items())
        for warehouse, part in sorted(line.parts.items())
    ]


def _sources(checkout: Checkout, sku: Sku) -> tuple[Source, ...]:
    """Where the units of a line are, the best warehouse first."""
    held = checkout.lines[sku].parts
    places = [warehouse for warehouse in checkout.bought.delivery.warehouses if warehouse in held]
    return tuple(Source(warehouse=warehouse, quantity=held[warehouse].quantity) for warehouse in places)


def _same(before: Checkout | None, sku: Sku, warehouse: Warehouse, part: Part) -> bool:
    return before is not None and before.lines[sku].parts.get(warehouse) == part


def _order(checkout: Checkout) -> OrderId:
    return order_of(checkout.bought.checkout_id)
