"""What a webhook of Stripe says: that an object has changed. How it stands now is fetched from Stripe.

So neither the order of events matters, nor how old they are, nor the version of the API in which their objects are
written.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from infra.payments.stripe.objects import SHOP, Unexpected

Id = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"\A[A-Za-z0-9_]+\Z")]
Seconds = Annotated[int, Meta(ge=946_684_800, le=4_102_444_800)]

TYPES = (
    "payment_intent.requires_action",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "payment_intent.canceled",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
"""The types to send to the shop; the endpoint at Stripe may send more, which are counted and let go."""


class Verdict(StrEnum):
    """What becomes of an event: all but the first are acknowledged and counted only."""

    STORED = "stored"
    KNOWN = "known"
    OTHER_TYPE = "other type"
    THIN = "thin"
    OTHER_MODE = "other mode"
    OTHER_SHOP = "other shop"


class Change(msgspec.Struct, frozen=True):
    """An object of Stripe has changed."""

    event_id: str
    type: str
    created: datetime
    object_id: str


class _Object(msgspec.Struct, frozen=True):
    id: Id
    metadata: dict[str, Any] | None = None


class _Data(msgspec.Struct, frozen=True):
    object: _Object


class _Event(msgspec.Struct, frozen=True):
    id: Id
    type: Annotated[str, Meta(max_length=255)]
    created: Seconds
    livemode: bool
    data: _Data


class _Kind(msgspec.Struct, frozen=True):
    object: str = "event"
    type: Annotated[str, Meta(max_length=255)] = ""


def read_event(event: bytes | Mapping[str, Any], shop: str, *, live: bool) -> Change | Verdict:
    """The change that an event is about, or why it is none of ours. Raises Unexpected for what is no event."""
    kind = _decoded(event, _Kind)
    if kind.object != "event":
        return Verdict.THIN
    if kind.type not in TYPES:
        return Verdict.OTHER_TYPE
    told = _decoded(event, _Event)
    if told.livemode != live:
        return Verdict.OTHER_MODE
    if (told.data.object.metadata or {}).get(SHOP, shop) != shop:
        return Verdict.OTHER_SHOP
    return Change(told.id, told.type, datetime.fromtimestamp(told.created, UTC), told.data.object.id)


def _decoded(event: bytes | Mapping[str, Any], kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(event, type=kind) if isinstance(event, bytes) else msgspec.convert(event, kind)
    except (ValueError, RecursionError) as fault:
        raise Unexpected(f"This is no event of Stripe: {fault}.") from fault
