"""Payments: money back."""

from fastapi import APIRouter
from pydantic import ConfigDict

from domain.payment.commands import RequestRefund
from domain.shared.ids import PaymentId, RefundId
from write_api.http.context import Refunds
from write_api.http.fields import Body, PathId, Reason, Refund, example
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/payments", tags=["payments"], route_class=CommandRoute)


class NewRefund(Body):
    model_config = example(amount={"amount": 500, "currency": "USD"}, reason="Arrived late")

    amount: Refund
    reason: Reason


class RefundAsked(Accepted):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"position": "48215", "revision": 4, "refund_id": "0197f0a8-405f-7e41-9c33-9d0e1f2a3b4c"}]
        }
    )

    refund_id: str


@router.post("/{payment_id}/refunds", status_code=202)
async def refund(context: Refunds, payment_id: PathId, body: NewRefund) -> RefundAsked:
    """Refund a payment, all of it or a part. At most what was taken goes back; the gateway does it next.

    Large refunds need a login within ten minutes.
    """
    if body.amount.money().amount > context.ports.rules.refund_without_login:
        context.require_recent_login()
    context.ports.rules.amounts.refund(body.amount.money(), "amount")
    refund_id = RefundId(context.new_id("refund"))
    asked = RequestRefund(
        payment_id=PaymentId(payment_id), refund_id=refund_id, amount=body.amount.money(), reason=body.reason
    )
    at = await context.handler(asked, context.metadata)
    return context.answer(RefundAsked, at, refund_id=refund_id)
