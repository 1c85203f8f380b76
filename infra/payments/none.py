"""No payment gateway: what a shop answers whose settings allow none."""

from dataclasses import dataclass
from typing import NoReturn

from domain.payment.commands import RecordCapture, RecordFailure, RecordRefund, RecordVoid
from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested
from process_managers.engine.ports import GatewayUnavailable

REASON = "no_payment_gateway"


@dataclass(frozen=True, slots=True)
class NoGateway:
    """Implements process_managers.engine.ports.Gateway. Payments fail; holds of an earlier gateway are left alone."""

    async def authorise(self, asked: PaymentRequested, key: str) -> RecordFailure:  # noqa: ARG002 - a Gateway's
        return RecordFailure(payment_id=asked.payment_id, attempt=asked.attempt, reason=REASON)

    async def capture(self, asked: CaptureRequested, key: str) -> RecordCapture:  # noqa: ARG002 - a Gateway's
        _unavailable()

    async def void(self, asked: VoidRequested, key: str) -> RecordVoid:  # noqa: ARG002 - a Gateway's
        _unavailable()

    async def refund(self, asked: RefundRequested, key: str) -> RecordRefund:  # noqa: ARG002 - a Gateway's
        _unavailable()


def _unavailable() -> NoReturn:
    raise GatewayUnavailable("There is no payment gateway. For the test gateway set COUNTERFOIL_TEST_GATEWAY=true.")
