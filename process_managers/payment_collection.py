"""Requests to a payment are sent to the gateway; its answers are recorded on the payment.

PaymentRequested                      -> AuthoriseAtGateway
CaptureRequested                      -> CaptureAtGateway
VoidRequested of a hold               -> VoidAtGateway
VoidRequested before any answer       -> nothing: the payment itself settles a late answer
RefundRequested                       -> RefundAtGateway
"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never, get_args

from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested
from process_managers.engine.process import Reaction
from process_managers.gateway_calls import (
    AuthoriseAtGateway,
    CaptureAtGateway,
    GatewayCommand,
    RefundAtGateway,
    VoidAtGateway,
)

PaymentRequest = PaymentRequested | CaptureRequested | VoidRequested | RefundRequested


def react(event: PaymentRequest, _: datetime) -> Sequence[GatewayCommand]:
    """The call to the gateway that follows from an event."""
    match event:
        case PaymentRequested():
            return [AuthoriseAtGateway(asked=event)]
        case CaptureRequested():
            return [CaptureAtGateway(asked=event)]
        case VoidRequested(gateway_ref=ref):
            return [] if ref is None else [VoidAtGateway(asked=event)]
        case RefundRequested():
            return [RefundAtGateway(asked=event)]
        case _:
            assert_never(event)


PAYMENT_COLLECTION = Reaction(
    name="payment_collection",
    handles=get_args(PaymentRequest),
    instance_of=lambda event: event.payment_id,
    react=react,
)
