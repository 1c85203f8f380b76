"""Payments at Stripe: one intent for each attempt, confirmed as it is made, captured by hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.payment.commands import (
    RecordActionRequired,
    RecordAuthorisation,
    RecordCaptureFailure,
    RecordFailure,
    RecordHoldExpired,
    RecordRefund,
    RecordRefundFailure,
    RecordVoid,
)
from domain.payment.errors import NotChargeable
from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested
from domain.shared.ids import OrderId
from infra.payments.stripe import outcomes
from infra.payments.stripe.amounts import captured, to_stripe
from infra.payments.stripe.api import KeySpent, StripeApi, StripeRefused
from infra.payments.stripe.lookups import Lookups
from infra.payments.stripe.objects import ATTEMPT, CALL, ORDER, PAYMENT, REFUND, SHOP, Intent, Problem, Refund, read_as
from infra.payments.stripe.pace import Urgency
from infra.payments.stripe.ports import Requests
from process_managers.engine.ports import (
    AuthoriseAnswer,
    CaptureAnswer,
    Clock,
    GatewayUnavailable,
    RefundAnswer,
    VoidAnswer,
)

KEY_LIFE = timedelta(hours=20)
"""Stripe may forget a key after 24 hours; what is older than this is looked up before it is sent again."""

WITH_CHARGE = ["latest_charge"]


@dataclass(frozen=True, slots=True)
class StripeGateway:
    """Implements process_managers.engine.ports.Gateway.

    `shop` marks our objects in an account that others use too. `confirm_at` is our page where a shopper confirms
    a payment, `back_at` where Stripe leads back to.
    """

    api: StripeApi
    requests: Requests
    clock: Clock
    shop: str
    confirm_at: Callable[[OrderId], str]
    back_at: Callable[[OrderId], str]

    async def authorise(self, asked: PaymentRequested, key: str) -> AuthoriseAnswer:
        request = await self.requests.of(asked)
        if not request.wanted or self._is_old(request.at):
            known = await self._lookups.intent(key, request.at)
            if known is not None:
                return await self._attempt(known, asked)
            if not request.wanted:
                return _failure(asked, "checkout_is_over")
        try:
            made = await self.api.post("/v1/payment_intents", key, Urgency.SHOPPERS, **self._new_intent(asked, key))
        except KeySpent as spent:
            if (known := await self._lookups.intent(key, request.at)) is None:
                raise spent
            return await self._attempt(known, asked)
        except NotChargeable:
            return _failure(asked, "amount_not_possible")
        except StripeRefused as refused:
            if refused.problem.payment_intent is not None:
                return await self._attempt(read_as(Intent, refused.problem.payment_intent), asked, refused.problem)
            return _failure(asked, outcomes.reason_of(refused.problem))
        return await self._attempt(read_as(Intent, made), asked)

    async def capture(self, asked: CaptureRequested, key: str) -> CaptureAnswer:
        path, units = f"/v1/payment_intents/{asked.gateway_ref}", captured(asked.amount)
        try:
            done = await self.api.post(
                f"{path}/capture", key, Urgency.HOLDS, amount_to_capture=units, expand=WITH_CHARGE
            )
        except (StripeRefused, KeySpent) as refused:
            intent = await self._intent(asked.gateway_ref)
            if intent.status == "succeeded":
                return outcomes.taken(intent)
            if isinstance(refused, KeySpent):
                raise
            if intent.status == "canceled":
                return RecordHoldExpired(payment_id=asked.payment_id, gateway_ref=asked.gateway_ref)
            return RecordCaptureFailure(payment_id=asked.payment_id, reason=outcomes.reason_of(refused.problem))
        return outcomes.taken(read_as(Intent, done))

    async def void(self, asked: VoidRequested, key: str) -> VoidAnswer:
        if asked.gateway_ref is None:
            raise GatewayUnavailable("A void without a hold is no call to Stripe.")
        intent = await self._cancelled(asked.gateway_ref, key)
        if intent.status == "succeeded":
            return outcomes.taken(intent)
        return RecordVoid(payment_id=asked.payment_id, gateway_ref=asked.gateway_ref)

    async def refund(self, asked: RefundRequested, key: str) -> RefundAnswer:
        request = await self.requests.of(asked)
        if self._is_old(request.at) and (known := await self._lookups.refund(asked.gateway_ref, key)) is not None:
            return _refund(known, asked)
        metadata = {SHOP: self.shop, PAYMENT: asked.payment_id, REFUND: asked.refund_id, CALL: key}
        try:
            made = await self.api.post(
                "/v1/refunds",
                key,
                Urgency.LATER,
                payment_intent=asked.gateway_ref,
                amount=to_stripe(asked.amount),
                metadata=metadata,
            )
        except KeySpent as spent:
            if (known := await self._lookups.refund(asked.gateway_ref, key)) is None:
                raise spent
            return _refund(known, asked)
        except NotChargeable:
            return _refund_failure(asked, "amount_not_possible")
        except StripeRefused as refused:
            return _refund_failure(asked, outcomes.reason_of(refused.problem))
        return _refund(read_as(Refund, made), asked)

    @property
    def _lookups(self) -> Lookups:
        return Lookups(self.api, self.clock)

    def _is_old(self, at: datetime) -> bool:
        return self.clock() - at > KEY_LIFE

    def _new_intent(self, asked: PaymentRequested, key: str) -> Mapping[str, Any]:
        token = "confirmation_token" if asked.method.startswith("ctoken_") else "payment_method"
        return {
            "amount": to_stripe(asked.amount),
            "currency": asked.amount.currency.lower(),
            "capture_method": "manual",
            "payment_method_types": ["card"],
            "confirm": True,
            token: asked.method,
            "return_url": self.back_at(asked.order_id),
            "metadata": {
                SHOP: self.shop,
                PAYMENT: asked.payment_id,
                ORDER: asked.order_id,
                ATTEMPT: str(asked.attempt),
                CALL: key,
            },
            "expand": WITH_CHARGE,
        }

    async def _attempt(
        self, intent: Intent, asked: PaymentRequested, problem: Problem | None = None
    ) -> AuthoriseAnswer:
        """What has become of an attempt. One that failed is closed at Stripe, so that nothing can come of it later."""
        if intent.status in ("requires_payment_method", "requires_confirmation"):
            closed = await self._cancelled(intent.id, f"{intent.id}.failed")
            if closed.status == "canceled":
                return _failure(asked, outcomes.reason_of(problem or intent.last_payment_error))
            intent = closed
        if intent.status == "requires_action" and intent.redirect is None:
            await self._cancelled(intent.id, f"{intent.id}.failed")
            return _failure(asked, "authentication_not_possible")
        facts = outcomes.facts_of(intent, self.confirm_at)
        first = facts[0] if facts else None
        if isinstance(first, RecordAuthorisation | RecordActionRequired | RecordFailure):
            return first
        return None if first is None else _failure(asked, "canceled")

    async def _cancelled(self, ref: str, key: str) -> Intent:
        """The intent after its cancellation, which an intent that has been captured refuses."""
        path = f"/v1/payment_intents/{ref}/cancel"
        try:
            return read_as(Intent, await self.api.post(path, key, Urgency.HOLDS, expand=WITH_CHARGE))
        except (StripeRefused, KeySpent) as refused:
            intent = await self._intent(ref)
            if intent.status not in ("canceled", "succeeded"):
                raise GatewayUnavailable(f"{ref} is {intent.status} and could not be canceled: {refused}.") from refused
            return intent

    async def _intent(self, ref: str) -> Intent:
        return read_as(Intent, await self.api.get(f"/v1/payment_intents/{ref}", Urgency.HOLDS, expand=WITH_CHARGE))


def _failure(asked: PaymentRequested, reason: str) -> RecordFailure:
    return RecordFailure(payment_id=asked.payment_id, attempt=asked.attempt, reason=reason)


def _refund(refund: Refund, asked: RefundRequested) -> RefundAnswer:
    """What has become of a refund; None while the bank works on it."""
    for fact in outcomes.facts_of_refund(refund, asked.payment_id):
        if isinstance(fact, RecordRefund | RecordRefundFailure):
            return fact
    return None


def _refund_failure(asked: RefundRequested, reason: str) -> RecordRefundFailure:
    return RecordRefundFailure(payment_id=asked.payment_id, refund_id=asked.refund_id, reason=reason)
