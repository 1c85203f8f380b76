"""What a shop asks of the gateway, shortly."""

from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested
from domain.shared.ids import CustomerId, OrderId, PaymentId, RefundId
from domain.shared.money import Money

ANNA, ORDER = PaymentId("anna-1"), OrderId("anna-1")


def euro(cents: int) -> Money:
    return Money(cents, "EUR")


def payment(method: str, cents: int = 1000, *, attempt: int = 1) -> PaymentRequested:
    return PaymentRequested(
        payment_id=ANNA,
        order_id=ORDER,
        customer_id=CustomerId("anna"),
        attempt=attempt,
        amount=euro(cents),
        method=method,
    )


def capture(ref: str, cents: int = 1000) -> CaptureRequested:
    return CaptureRequested(payment_id=ANNA, order_id=ORDER, gateway_ref=ref, amount=euro(cents))


def void(ref: str | None) -> VoidRequested:
    return VoidRequested(payment_id=ANNA, order_id=ORDER, gateway_ref=ref, reason="cancelled")


def refund(ref: str, refund_id: str, cents: int) -> RefundRequested:
    return RefundRequested(
        payment_id=ANNA,
        order_id=ORDER,
        refund_id=RefundId(refund_id),
        gateway_ref=ref,
        amount=euro(cents),
        reason="broken",
    )
