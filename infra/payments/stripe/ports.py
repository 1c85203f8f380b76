"""What calls to Stripe need from the log."""

from datetime import datetime
from typing import NamedTuple, Protocol

from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested

Asked = PaymentRequested | CaptureRequested | VoidRequested | RefundRequested


class Request(NamedTuple):
    """When a call was requested, and whether the payment still waits for it."""

    at: datetime
    wanted: bool = True


class Requests(Protocol):
    async def of(self, asked: Asked) -> Request:
        """The request as the log has it, the latest if there are several equal ones. Raises StoreUnavailable."""
