"""What a checkout can ask for, in full."""

from datetime import datetime, timedelta

from domain.cart.commands import ReopenCart
from domain.cart.events import CancellationRequested
from domain.order.commands import CancelOrder, OrderLine, PlaceOrder
from domain.payment.commands import RequestPayment, RequestRefund, RequestVoid
from domain.shared.ids import OrderId, RefundId, Sku, Warehouse, order_of, payment_of
from domain.stock.commands import CommitReservation, ExtendReservation, ReleaseReservation, ReserveStock
from domain.stock.events import ReservationDeclined, ReservationReleased
from process_managers.checkout.state import PAY, RESERVATION, Checkout, Hold
from process_managers.engine.process import CommandRefused, SetTimer

PAY_BEFORE_END = timedelta(minutes=1)


def reserve(checkout: Checkout, at: datetime) -> list[ReserveStock]:
    return [
        ReserveStock(
            sku=sku,
            warehouse=line.warehouse,
            order_id=_order(checkout),
            quantity=line.quantity,
            expires_at=at + RESERVATION,
        )
        for sku, line in sorted(checkout.lines.items())
        if line.hold is Hold.NOTHING_YET
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
    return [
        ExtendReservation(sku=sku, warehouse=line.warehouse, order_id=_order(checkout), expires_at=checkout.held_until)
        for sku, line in sorted(checkout.lines.items())
    ]


def commit(checkout: Checkout) -> list[CommitReservation]:
    return [
        CommitReservation(sku=sku, warehouse=line.warehouse, order_id=_order(checkout))
        for sku, line in sorted(checkout.lines.items())
    ]


def place(checkout: Checkout) -> PlaceOrder:
    bought = checkout.bought
    return PlaceOrder(
        order_id=_order(checkout),
        checkout_id=bought.checkout_id,
        cart_id=bought.cart_id,
        customer_id=bought.owner,
        lines=tuple(OrderLine(priced=line, warehouse=checkout.lines[line.sku].warehouse) for line in bought.lines),
        delivery_method=bought.delivery.method,
        delivery_price=bought.delivery.price,
        address=bought.delivery.address,
        total=bought.total,
        payment_id=None if checkout.free else payment_of(bought.checkout_id),
        at=bought.at,
    )


def void(checkout: Checkout) -> RequestVoid:
    return RequestVoid(payment_id=payment_of(checkout.bought.checkout_id), reason=_why(checkout))


def refund(checkout: Checkout) -> RequestRefund:
    return RequestRefund(
        payment_id=payment_of(checkout.bought.checkout_id),
        refund_id=RefundId(f"{checkout.bought.checkout_id}.checkout"),
        amount=checkout.bought.total,
        reason=_why(checkout),
    )


def release(checkout: Checkout, sku: Sku, warehouse: Warehouse | None = None) -> ReleaseReservation:
    return ReleaseReservation(
        sku=sku,
        warehouse=warehouse or checkout.lines[sku].warehouse,
        order_id=_order(checkout),
        reason=f"checkout {checkout.phase}",
    )


def reopen(checkout: Checkout) -> ReopenCart:
    bought = checkout.bought
    return ReopenCart(cart_id=bought.cart_id, checkout_id=bought.checkout_id, reason=_why(checkout))


def cancel_order(checkout: Checkout) -> CancelOrder:
    return CancelOrder(order_id=_order(checkout), reason="The shopper cancelled.")


def _order(checkout: Checkout) -> OrderId:
    return order_of(checkout.bought.checkout_id)


def _why(checkout: Checkout) -> str:
    match checkout.ended_by:
        case ReservationDeclined(sku=sku, quantity=quantity, available=available):
            return f"{quantity} of {sku} were wanted, {available} are left."
        case ReservationReleased(sku=sku):
            return f"{sku} could not be held any longer."
        case CancellationRequested():
            return "The shopper cancelled."
        case CommandRefused(detail=detail):
            return detail
        case _:
            return "Time was over."
