"""What each event says, in one sentence. Who, when and why stand beside it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.cart.events import (
    CartAbandoned,
    CartHandedOver,
    CartMerged,
    CartOpened,
    ItemAdded,
    ItemRemoved,
    PriceAgreed,
    PriceChangeAccepted,
    QuantityChanged,
)
from domain.category.events import CategoryCreated, CategoryDeleted, CategoryMoved, CategoryRenamed
from domain.order.events import OrderDelivered, OrderDispatched
from domain.payment.events import CaptureRequested, DisputeFundsMoved
from domain.person.events import PersonForgotten
from domain.product.events import (
    MediaAttached,
    MediaRemoved,
    PriceWithdrawn,
    ProductCategorised,
    ProductDescribed,
    ProductDiscontinued,
    ProductDrafted,
    ProductPublished,
    ProductUnpublished,
    VariantAdded,
    VariantPriced,
    VariantRemoved,
)
from domain.promotion.events import PromotionDrafted, PromotionEnded, PromotionReplaced, PromotionScheduled
from domain.publication.events import PublicationRequested
from domain.read_model.events import RebuildRequested
from domain.shared.journal import (
    CommandParked,
    CommandResent,
    CommandSkipped,
    InputParked,
    InputResent,
    InputSkipped,
    JournalEntry,
    TimerChange,
)
from domain.shared.units import Units
from domain.shipment.events import ShipmentCleared, ShipmentReduced
from domain.sku.events import SkuClaimed
from domain.stock.events import (
    BackorderLimitSet,
    ReservationCommitted,
    ReservationDeclined,
    ReservationExtended,
    ReservationReleased,
    StockAdjusted,
    StockDispatched,
    StockReceived,
    StockReserved,
    StockReturned,
)
from projections import order_timeline
from read_api.audit.people_sentences import PEOPLE


def sentence_of(fact: object) -> str | None:
    """None for an event that has no sentence."""
    sentence = SENTENCES.get(type(fact))
    return None if sentence is None else sentence(fact)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _units(items: Sequence[Units]) -> str:
    return ", ".join(f"{item.quantity} of {item.sku}" for item in items) or "nothing"


def _variant(fact: VariantAdded) -> str:
    options = ", ".join(f"{name} {value}" for name, value in fact.options)
    return f"Variant {fact.sku} added{f': {options}' if options else ''}."


def _journal(fact: JournalEntry) -> str:
    said = [f"Took in {fact.input.name}"]
    if fact.asked:
        said.append(f"requested {', '.join(one.command.name for one in fact.asked)}")
    said += [_timer(change) for change in fact.alarms]
    return f"{'; '.join(said)}. Now {fact.phase}."


def _timer(change: TimerChange) -> str:
    if change.due is None:
        return f"cancelled timer {change.name}"
    return f"set timer {change.name} to {_time(change.due)}"


_CATALOGUE: Mapping[type[Any], Callable[[Any], str]] = {
    ProductDrafted: lambda it: f"Drafted “{it.title}”.",
    ProductDescribed: lambda it: f"Described as “{it.title}”.",
    VariantAdded: _variant,
    VariantPriced: lambda it: f"{it.sku} costs {it.price} from {_time(it.valid_from)}.",
    VariantRemoved: lambda it: f"Variant {it.sku} removed.",
    PriceWithdrawn: lambda it: f"The price of {it.sku} planned for {_time(it.valid_from)} was withdrawn.",
    ProductCategorised: lambda it: f"Put into category {it.category_id}.",
    MediaAttached: lambda it: f"Picture attached: {it.alt or it.url}.",
    MediaRemoved: lambda it: f"Picture {it.url} removed.",
    ProductPublished: lambda _: "Put on sale.",
    ProductUnpublished: lambda _: "Taken off sale.",
    ProductDiscontinued: lambda _: "Discontinued.",
    SkuClaimed: lambda it: f"SKU {it.sku} belongs to product {it.product_id}.",
    CategoryCreated: lambda it: f"Category “{it.name}” created{_below(it)}.",
    CategoryRenamed: lambda it: f"Category {it.category_id} renamed to “{it.name}”.",
    CategoryMoved: lambda it: f"Category {it.category_id} moved{_below(it) or ' to the top'}.",
    CategoryDeleted: lambda it: f"Category {it.category_id} deleted.",
}


def _below(fact: CategoryCreated | CategoryMoved) -> str:
    return f" below {fact.parent_id}" if fact.parent_id else ""


def _merged(fact: CartMerged) -> str:
    return ", ".join(f"{line.quantity} of {line.sku}" for line in fact.lines) or "nothing"


_PROMOTIONS: Mapping[type[Any], Callable[[Any], str]] = {
    PromotionDrafted: lambda it: f"Promotion “{it.promotion.title}” drafted, as {it.promotion.promotion_id}.",
    PromotionScheduled: lambda it: (
        f"Promotion {it.promotion_id} begins {_time(it.starts)}{f', ends {_time(it.ends)}' if it.ends else ''}."
    ),
    PromotionEnded: lambda it: f"Promotion {it.promotion_id} ended.",
    PromotionReplaced: lambda it: f"Promotion {it.promotion_id} replaced by {it.promotion.promotion_id}.",
}

_CART: Mapping[type[Any], Callable[[Any], str]] = {
    CartOpened: lambda it: f"Cart opened, in {it.currency}.",
    ItemAdded: lambda it: f"Added {it.quantity} of {it.offer.sku} at {it.offer.unit_price}.",
    QuantityChanged: lambda it: f"Changed {it.sku} to {it.quantity}.",
    ItemRemoved: lambda it: f"Removed {it.sku}.",
    PriceAgreed: lambda it: f"{it.sku} agreed at {it.total}.",
    PriceChangeAccepted: lambda it: f"Accepted {it.unit_price} for {it.sku}.",
    CartAbandoned: lambda _: "Cart abandoned.",
    CartHandedOver: lambda it: f"Handed over to cart {it.to_cart} of {it.to_owner}, who logged in.",
    CartMerged: lambda it: f"Cart {it.from_cart} merged: {_merged(it)}.",
}

_GOODS: Mapping[type[Any], Callable[[Any], str]] = {
    StockReceived: lambda it: f"{it.quantity} received.",
    StockAdjusted: lambda it: f"On hand adjusted by {it.delta:+d}.",
    BackorderLimitSet: lambda it: f"{it.limit} may be promised beyond what is on hand.",
    StockReserved: lambda it: f"{it.quantity} reserved for {it.order_id} until {_time(it.expires_at)}.",
    ReservationDeclined: lambda it: (
        f"{it.quantity} could not be reserved for {it.order_id}: {it.available} available ({it.cause})."
    ),
    ReservationExtended: lambda it: f"Reservation for {it.order_id} extended to {_time(it.expires_at)}.",
    ReservationCommitted: lambda it: f"{it.quantity} committed to {it.order_id}.",
    ReservationReleased: lambda it: f"{it.quantity} released by {it.order_id}.",
    StockDispatched: lambda it: f"{it.quantity} left for {it.order_id}.",
    StockReturned: lambda it: f"{it.quantity} came back from {it.order_id}.",
    OrderDispatched: lambda it: f"Parcel {it.shipment_id} left with {_units(it.units)}.",
    OrderDelivered: lambda it: f"Parcel {it.shipment_id} arrived.",
    ShipmentReduced: lambda it: f"Parcel {it.shipment_id} reduced to {_units(it.items)}.",
    ShipmentCleared: lambda it: f"Parcel {it.shipment_id} cleared to leave.",
    CaptureRequested: lambda it: f"Asked to take {it.amount}.",
    DisputeFundsMoved: lambda it: f"The dispute changed our balance by {it.amount}, and by {it.fee} in fees.",
}

_OPERATIONS: Mapping[type[Any], Callable[[Any], str]] = {
    JournalEntry: _journal,
    CommandParked: lambda it: f"{it.command.name} parked after {it.attempts} attempts: {it.error}.",
    CommandResent: lambda it: f"{it.command.name} sent again.",
    CommandSkipped: lambda it: f"{it.command.name} skipped.",
    InputSkipped: lambda it: f"{it.input} skipped for {it.process}.",
    InputParked: lambda it: f"{it.input} could not be taken in by {it.process}: {it.error}.",
    InputResent: lambda it: f"{it.input} sent again to {it.process}.",
    PersonForgotten: lambda _: "The person's key was destroyed.",
    RebuildRequested: lambda it: f"Read model {it.name} is to be rebuilt.",
    PublicationRequested: lambda it: f"Revision {it.revision} of {it.stream} is to be published again.",
}

SENTENCES: Mapping[type[Any], Callable[[Any], str]] = {
    **order_timeline.SENTENCES,
    **_CATALOGUE,
    **_PROMOTIONS,
    **_CART,
    **_GOODS,
    **_OPERATIONS,
    **PEOPLE,
}
