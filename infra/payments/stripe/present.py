"""How an object at Stripe stands now, as commands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.payment.commands import PaymentCommand
from domain.shared.ids import OrderId
from infra.payments.stripe import outcomes
from infra.payments.stripe.api import StripeApi, StripeRefused
from infra.payments.stripe.objects import SHOP, Dispute, Intent, Refund, read_as
from infra.payments.stripe.pace import Urgency


@dataclass(frozen=True, slots=True)
class Present:
    """Fetches objects. Raises what StripeApi raises, and Unexpected."""

    api: StripeApi
    shop: str
    confirm_at: Callable[[OrderId], str]

    async def facts(self, object_id: str) -> Sequence[PaymentCommand] | None:
        """What is to be recorded of the object; None if it is not of this shop."""
        match object_id.partition("_")[0]:
            case "pi":
                return await self._of_intent(object_id)
            case "re" | "pyr":
                return await self._of_refund(object_id)
            case "dp" | "du":
                return await self._of_dispute(object_id)
            case _:
                return None

    async def redirect(self, ref: str) -> str | None:
        """Where the shopper confirms this intent now. It can hold a secret: it is for their browser only."""
        try:
            intent = read_as(Intent, await self.api.get(f"/v1/payment_intents/{ref}"))
        except StripeRefused:
            return None
        return intent.redirect if intent.status == "requires_action" else None

    async def _of_intent(self, ref: str) -> Sequence[PaymentCommand] | None:
        intent = await self._intent(ref)
        if intent is None:
            return None
        if outcomes.is_open_failure(intent):
            closed = await self.api.post(
                f"/v1/payment_intents/{ref}/cancel", f"{ref}.failed", Urgency.HOLDS, expand=["latest_charge"]
            )
            intent = read_as(Intent, closed)
        return outcomes.facts_of(intent, self.confirm_at)

    async def _of_refund(self, ref: str) -> Sequence[PaymentCommand] | None:
        refund = read_as(Refund, await self.api.get(f"/v1/refunds/{ref}", Urgency.LATER))
        intent = await self._intent(refund.payment_intent)
        return None if intent is None else outcomes.facts_of_refund(refund, outcomes.payment_of(intent))

    async def _of_dispute(self, ref: str) -> Sequence[PaymentCommand] | None:
        dispute = read_as(Dispute, await self.api.get(f"/v1/disputes/{ref}", Urgency.LATER))
        intent = await self._intent(dispute.payment_intent)
        return None if intent is None else outcomes.facts_of_dispute(dispute, outcomes.payment_of(intent))

    async def _intent(self, ref: str | None) -> Intent | None:
        """The intent, if this shop made it."""
        if ref is None:
            return None
        found = await self.api.get(f"/v1/payment_intents/{ref}", Urgency.LATER, expand=["latest_charge"])
        intent = read_as(Intent, found)
        return intent if intent.metadata.get(SHOP) == self.shop else None
