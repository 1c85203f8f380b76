"""Requests for payments as the log has them."""

from dataclasses import dataclass

from commands.ports import EventStore
from domain.payment.decider import payment_decider
from domain.payment.events import PaymentRequested
from domain.payment.state import PaymentPhase
from infra.payments.stripe.ports import Asked, Request
from infra.serialization.codec import JsonCodec

WAITS = (PaymentPhase.PENDING, PaymentPhase.ACTION_REQUIRED)


@dataclass(frozen=True, slots=True)
class LoggedRequests:
    """Implements infra.payments.stripe.ports.Requests."""

    store: EventStore
    codec: JsonCodec

    async def of(self, asked: Asked) -> Request:
        """Reads the payment's stream, which has a dozen events."""
        records = [self.codec.decode_event(one) for one in await self.store.read(f"payment-{asked.payment_id}")]
        at = max(one.recorded_at for one in records if one.fact == asked)
        if not isinstance(asked, PaymentRequested):
            return Request(at)
        payment = payment_decider.replay(one.fact for one in records)
        waits = payment.phase in WAITS and payment.attempt == asked.attempt and not payment.stopped
        return Request(at, waits)
