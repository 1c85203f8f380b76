"""The facts of one checkout, under short names."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.cart.commands import Delivery, ReopenCart
from domain.cart.events import CancellationRequested, CartCheckedOut
from domain.payment.commands import RequestPayment, RequestVoid
from domain.payment.events import (
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentFailed,
    PaymentRequested,
    PaymentVoided,
    VoidRequested,
)
from domain.shared.holding import Holder
from domain.shared.ids import CartId, CheckoutId, Sku, Warehouse
from domain.stock.commands import CommitReservation, ReleaseReservation, ReserveStock
from domain.stock.events import ReservationCommitted, ReservationDeclined, ReservationReleased, StockReserved
from process_managers.checkout.process import CHECKOUT
from process_managers.engine.process import CancelTimer, CommandRefused, TimerFired
from tests.support.builders.sold import (
    ANNA,
    CUPS,
    EAST,
    MUGS,
    ORDER,
    PAYMENT,
    WEST,
    at_list,
    euro,
    from_one,
    order_line,
    place,
    placed,
)
from tests.support.builders.strategies import CUP, MUG, NOON
from tests.support.harness.process_spec import ProcessSpec

given = ProcessSpec(CHECKOUT).given
CART = CartId("cart")
LATER = NOON + timedelta(minutes=5)
RESERVED_UNTIL = NOON + timedelta(minutes=15)
TOO_LATE = "The time to pay was over. Nothing was taken. Check the cart out again."
QUANTITIES = {MUG: 2, CUP: 3}

bought = CartCheckedOut(
    cart_id=CART,
    checkout_id=CheckoutId(ORDER),
    owner=ANNA,
    lines=(MUGS.priced, CUPS.priced),
    delivery=Delivery(method="post", price=euro(7), warehouses=(WEST, EAST)),
    delivery_steps=at_list("post", euro(7)),
    total=euro(208),
    payment_method="card",
    at=NOON,
)
gift = replace(
    bought,
    lines=(order_line(MUG, WEST, 2, 0).priced,),
    delivery=replace(bought.delivery, price=euro(0)),
    delivery_steps=at_list("post", euro(0)),
    total=euro(0),
)
wish = CancellationRequested(cart_id=CART, checkout_id=CheckoutId(ORDER))
money: dict[str, Any] = {"payment_id": PAYMENT, "order_id": ORDER}
asked = PaymentRequested(**money, customer_id=ANNA, attempt=1, amount=euro(208), method="card")
action = PaymentActionRequired(**money, attempt=1, gateway_ref="a", action_url="https://bank.example")
authorised = PaymentAuthorised(
    **money, attempt=1, gateway_ref="a", amount=euro(208), capture_before=NOON + timedelta(days=7)
)
failed = PaymentFailed(**money, attempt=1, reason="Declined")
stopped = VoidRequested(**money, gateway_ref=None, reason="Time was over.")
voiding = VoidRequested(**money, gateway_ref="a", reason="Time was over.")
voided = PaymentVoided(**money, gateway_ref="a")

stop_reserve, stop_pay, stop_answer = (CancelTimer(name=name) for name in ("reserve", "pay", "answer"))


def held(sku: Sku, warehouse: Warehouse = WEST) -> dict[str, Any]:
    return {"sku": sku, "warehouse": warehouse, "order_id": ORDER}


def reserve(sku: Sku, warehouse: Warehouse = WEST, at: Any = NOON) -> ReserveStock:
    return ReserveStock(
        **held(sku, warehouse),
        quantity=QUANTITIES[sku],
        expires_at=at + timedelta(minutes=15),
        expires_if_scarce=at + timedelta(minutes=5),
        holder=Holder(shopper=ANNA),
    )


def reserved(sku: Sku, warehouse: Warehouse = WEST, until: Any = RESERVED_UNTIL) -> StockReserved:
    return StockReserved(**held(sku, warehouse), quantity=QUANTITIES[sku], expires_at=until)


def declined(sku: Sku, warehouse: Warehouse = WEST) -> ReservationDeclined:
    return ReservationDeclined(**held(sku, warehouse), quantity=QUANTITIES[sku], available=0)


def committed(sku: Sku, warehouse: Warehouse = WEST) -> ReservationCommitted:
    return ReservationCommitted(**held(sku, warehouse), quantity=QUANTITIES[sku])


def released(sku: Sku, warehouse: Warehouse = WEST) -> ReservationReleased:
    return ReservationReleased(**held(sku, warehouse), quantity=QUANTITIES[sku], reason="checkout expired")


def release(sku: Sku, because: str, warehouse: Warehouse = WEST) -> ReleaseReservation:
    return ReleaseReservation(**held(sku, warehouse), reason=f"checkout {because}")


def commit(sku: Sku, warehouse: Warehouse = WEST) -> CommitReservation:
    return CommitReservation(**held(sku, warehouse))


def reopen(reason: str) -> ReopenCart:
    return ReopenCart(cart_id=CART, checkout_id=CheckoutId(ORDER), reason=reason)


def void(reason: str = TOO_LATE) -> RequestVoid:
    return RequestVoid(payment_id=PAYMENT, reason=reason)


def timer(name: str) -> TimerFired:
    return TimerFired(process="checkout", instance=ORDER, name=name, due=NOON)


def refused(command: str, error: str = "Conflict", detail: str = "No.") -> CommandRefused:
    return CommandRefused(
        process="checkout", instance=ORDER, command_id=UUID(int=1), command=command, error=error, detail=detail
    )


request_payment = RequestPayment(**money, customer_id=ANNA, amount=euro(208), method="card")
reserving = given(bought)
all_held = reserving.given(reserved(MUG), reserved(CUP))
waiting = all_held.given(asked)
paid = waiting.given(authorised)
confirming = paid.given(committed(MUG), committed(CUP))
order = place(lines=(from_one(MUGS.priced, WEST), from_one(CUPS.priced, WEST)))
order_placed = placed(lines=order.lines)
expired = waiting.given(timer("pay"))
