"""Money that moved. What was asked for, held or declined is between the shop and its gateway."""

from domain.payment.events import PaymentCaptured, PaymentEvent, PaymentRefunded, PaymentRefundedOutside
from published.message import message
from published.values import Money, money_of

TOPIC = "payments"


@message("payment.captured.v1", topic=TOPIC, key="order_id")
class Captured:
    """Money was taken for an order."""

    order_id: str
    amount: Money


@message("payment.refunded.v1", topic=TOPIC, key="order_id")
class Refunded:
    """Money was given back."""

    order_id: str
    refund_id: str
    amount: Money


def translate(fact: PaymentEvent) -> Captured | Refunded | None:
    """What a fact means to others."""
    match fact:
        case PaymentCaptured(order_id=it, amount=amount):
            return Captured(order_id=it, amount=money_of(amount))
        case (
            PaymentRefunded(order_id=it, refund_id=refund, amount=amount)
            | PaymentRefundedOutside(order_id=it, refund_id=refund, amount=amount)
        ):
            return Refunded(order_id=it, refund_id=refund, amount=money_of(amount))
        case _:
            return None
