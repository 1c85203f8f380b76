"""What is asked of a payment is asked of the gateway; its answers are recorded on the payment.

PaymentRequested                      -> AuthoriseAtGateway
CaptureRequested                      -> CaptureAtGateway
VoidRequested of a hold               -> VoidAtGateway
VoidRequested before any answer       -> nothing: the payment sees to it that a late answer is dealt with
RefundRequested                       -> RefundAtGateway
"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested
from process_managers.engine.process import Reaction
from process_managers.gateway_calls import (
    AuthoriseAtGateway,
    CaptureAtGateway,
    GatewayCommand,
    RefundAtGateway,
    VoidAtGateway,
)

Asked = PaymentRequested | CaptureRequested | VoidRequested | RefundRequested


def react(asked: Asked, _: datetime) -> Sequence[GatewayCommand]:
    """The call that an event asks for."""
    match asked:
        case PaymentRequested():
            return [AuthoriseAtGateway(asked=asked)]
        case CaptureRequested():
            return [CaptureAtGateway(asked=asked)]
        case VoidRequested(gateway_ref=ref):
            return [] if ref is None else [VoidAtGateway(asked=asked)]
        case RefundRequested():
            return [RefundAtGateway(asked=asked)]
        case _:
            assert_never(asked)


PAYMENT_COLLECTION = Reaction(
    name="payment_collection",
    handles=(PaymentRequested, CaptureRequested, VoidRequested, RefundRequested),
    instance_of=lambda asked: asked.payment_id,
    react=react,
)
