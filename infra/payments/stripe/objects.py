"""Stripe's objects, as far as the shop looks at them. `client_secret` and card data are never read."""

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

SHOP, PAYMENT, ORDER, ATTEMPT, REFUND, CALL = "shop", "payment", "order", "attempt", "refund", "call"
"""Keys of the metadata that the shop writes. `call` is the id of the command that made the object."""


class Unexpected(ValueError):
    """Stripe sent something that is not what its documentation says."""


class Card(msgspec.Struct, frozen=True):
    capture_before: int | None = None


class MethodDetails(msgspec.Struct, frozen=True):
    card: Card | None = None


class Charge(msgspec.Struct, frozen=True):
    id: str
    payment_method_details: MethodDetails | None = None


class Problem(msgspec.Struct, frozen=True):
    """Why a payment failed, and the `error` of a response."""

    type: str = ""
    code: str | None = None
    decline_code: str | None = None
    payment_intent: dict[str, Any] | None = None


class RedirectTo(msgspec.Struct, frozen=True):
    url: str | None = None


class NextAction(msgspec.Struct, frozen=True):
    type: str = ""
    redirect_to_url: RedirectTo | None = None


class Intent(msgspec.Struct, frozen=True):
    """A PaymentIntent."""

    id: str
    status: str
    amount: int
    currency: str
    created: int
    livemode: bool = False
    amount_capturable: int = 0
    amount_received: int = 0
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    metadata: dict[str, str] = {}
    last_payment_error: Problem | None = None
    next_action: NextAction | None = None
    latest_charge: Charge | str | None = None

    @property
    def redirect(self) -> str | None:
        """Where the shopper confirms. It can hold a secret: for the shopper's browser only, never for an event."""
        action = self.next_action
        return action.redirect_to_url.url if action and action.redirect_to_url else None

    @property
    def capture_before(self) -> int | None:
        """When the hold ends, in seconds since 1970."""
        charge = self.latest_charge
        if not isinstance(charge, Charge) or charge.payment_method_details is None:
            return None
        card = charge.payment_method_details.card
        return None if card is None else card.capture_before


class Refund(msgspec.Struct, frozen=True):
    id: str
    status: str | None
    amount: int
    currency: str
    metadata: dict[str, str] | None = None
    failure_reason: str | None = None
    payment_intent: str | None = None


class Movement(msgspec.Struct, frozen=True):
    """A balance transaction: what an event changed in the balance of the account."""

    id: str
    amount: int
    fee: int
    currency: str


class Evidence(msgspec.Struct, frozen=True):
    due_by: int | None = None


class Dispute(msgspec.Struct, frozen=True):
    id: str
    status: str
    amount: int
    currency: str
    reason: str
    payment_intent: str | None = None
    evidence_details: Evidence | None = None
    balance_transactions: list[Movement] = []


class Listed(msgspec.Struct, frozen=True):
    """A page of a list."""

    data: list[dict[str, Any]]
    has_more: bool = False


def read_as(kind: type[T], found: object) -> T:
    """The object in this form. Raises Unexpected."""
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as fault:
        raise Unexpected(f"Stripe's {kind.__name__} cannot be read: {fault}") from fault
