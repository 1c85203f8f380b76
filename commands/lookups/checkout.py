"""Commands of a cart that need the catalogue first: what is offered, and at what price."""

from asyncio import gather
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from commands.handler import CommandHandler
from commands.lookups.catalogue import offers_left, offers_of
from commands.lookups.promotions import promotions_at, traits_of
from commands.ports import Appended
from commands.routes import CART, ORDER, PAYMENT, Route
from domain.cart.commands import AcceptPriceChange, AddItem, CheckOutCart, Delivery, OpenCart
from domain.cart.errors import CheckoutStands, NoLongerSold
from domain.cart.state import Cart
from domain.order.state import Order, OrderPhase
from domain.payment.commands import RequestPayment
from domain.payment.errors import PaymentClosed, PaymentNotFound
from domain.payment.state import Payment, PaymentPhase
from domain.shared.errors import DomainError
from domain.shared.holding import HoldLimits
from domain.shared.ids import CartId, CheckoutId, Sku, order_of, payment_of
from domain.shared.money import Money
from domain.shared.personal import Sealed
from domain.shared.recorded import Metadata
from domain.shared.units import Units


async def open_cart(
    handler: CommandHandler, opening: OpenCart, wanted: Sequence[Units], metadata: Metadata
) -> Appended:
    """Open a cart with all of these in it."""

    async def offered() -> Sequence[object]:
        return [opening, *await _added(handler, opening.cart_id, wanted, opening.at)]

    with _named("items", before=1):
        return await handler.prepared(CART, CART.stream_of(opening), offered, metadata)


async def add_items(
    handler: CommandHandler, cart_id: CartId, wanted: Sequence[Units], at: datetime, metadata: Metadata
) -> Appended:
    """Add all of these, or none, at the prices in force. Raises UnknownSku, NotForSale."""

    async def offered() -> Sequence[object]:
        return await _added(handler, cart_id, wanted, at)

    with _named("items"):
        return await handler.prepared(CART, f"cart-{cart_id}", offered, metadata)


async def accept_price_changes(
    handler: CommandHandler, cart_id: CartId, skus: Sequence[Sku], at: datetime, metadata: Metadata
) -> Appended:
    """Take the prices in force for these SKUs of the cart."""

    async def offered() -> Sequence[object]:
        offers = await offers_of(handler, _places("skus.{}", skus), at)
        return [AcceptPriceChange(cart_id=cart_id, offer=offers[sku], at=at) for sku in skus]

    with _named("skus"):
        return await handler.prepared(CART, f"cart-{cart_id}", offered, metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """The shopper's wish to buy the cart as it was shown."""

    cart_id: CartId
    checkout_id: CheckoutId
    total_seen: Money
    delivery: Delivery
    payment_method: str
    at: datetime
    client: str | None = None
    limits: HoldLimits | None = None
    quoted_at: datetime | None = None
    contact: Sealed | None = None


async def check_out(handler: CommandHandler, wish: Purchase, metadata: Metadata) -> Appended:
    """Buy the cart, if everything in it is offered still and costs what the shopper saw."""
    stream = f"cart-{wish.cart_id}"

    async def offered(look: Callable[[Route, str], Awaitable[Cart]]) -> Sequence[object]:
        cart = await look(CART, stream)
        moments = [wish.at] if wish.quoted_at is None else [wish.at, wish.quoted_at]
        offers, promotions = await gather(
            offers_left(handler, (line.sku for line in cart.lines), wish.at), promotions_at(handler, *moments)
        )
        return [
            CheckOutCart(
                cart_id=wish.cart_id,
                checkout_id=wish.checkout_id,
                offers=offers,
                total_seen=wish.total_seen,
                delivery=wish.delivery,
                payment_method=wish.payment_method,
                at=wish.at,
                client=wish.client,
                limits=wish.limits,
                promotions=tuple(promotions),
                traits=await traits_of(handler, offers, promotions),
                quoted_at=wish.quoted_at,
                contact=wish.contact,
            )
        ]

    try:
        return await handler.prepared(CART, stream, partial(offered, handler.known), metadata)
    except NoLongerSold:
        # An item may have been added after the cart was read: then a second read finds its offer.
        return await handler.prepared(CART, stream, partial(offered, handler.state_of), metadata)


async def pay_again(handler: CommandHandler, checkout_id: CheckoutId, method: str, metadata: Metadata) -> Appended:
    """Try to pay the total of the checkout by another method, or what is left to pay after a hold has expired."""
    stream = f"payment-{payment_of(checkout_id)}"

    async def another_attempt() -> Sequence[object]:
        payment: Payment = await handler.state_of(PAYMENT, stream)
        if payment.customer_id is None:
            raise PaymentNotFound(f"Checkout {checkout_id} has not asked for a payment.")
        return [
            RequestPayment(
                payment_id=payment.payment_id,
                order_id=order_of(checkout_id),
                customer_id=payment.customer_id,
                amount=await _left_to_pay(handler, payment),
                method=method,
            )
        ]

    return await handler.prepared(PAYMENT, stream, another_attempt, metadata)


async def _left_to_pay(handler: CommandHandler, payment: Payment) -> Money:
    """Lines may have been cancelled since a hold that expired."""
    if payment.phase is not PaymentPhase.HOLD_EXPIRED:
        return payment.asked
    order: Order = await handler.state_of(ORDER, f"order-{payment.order_id}")
    if order.phase is OrderPhase.NEW:
        return payment.asked
    if order.phase is OrderPhase.CANCELLED or order.owed.amount == 0:
        raise PaymentClosed("Nothing is left to pay for this order.")
    return order.owed


async def stands(handler: CommandHandler, checkout_id: CheckoutId) -> CheckoutStands:
    """How far a checkout is that has not come to nothing, as its order and its payment have it."""
    order: Order = await handler.state_of(ORDER, f"order-{order_of(checkout_id)}")
    if order.phase is not OrderPhase.NEW:
        return CheckoutStands.BOUGHT
    payment: Payment = await handler.state_of(PAYMENT, f"payment-{payment_of(checkout_id)}")
    if payment.stopped:
        return CheckoutStands.ENDING
    return _STANDS.get(payment.phase, CheckoutStands.UNDER_WAY)


_STANDS = {
    PaymentPhase.ACTION_REQUIRED: CheckoutStands.CONFIRM,
    PaymentPhase.FAILED: CheckoutStands.PAY_OTHERWISE,
    PaymentPhase.AUTHORISED: CheckoutStands.PAID,
    PaymentPhase.CAPTURING: CheckoutStands.PAID,
    PaymentPhase.CAPTURED: CheckoutStands.PAID,
    PaymentPhase.VOIDING: CheckoutStands.ENDING,
    PaymentPhase.VOIDED: CheckoutStands.ENDING,
    PaymentPhase.HOLD_EXPIRED: CheckoutStands.PAY_OTHERWISE,
}


async def _added(handler: CommandHandler, cart_id: CartId, wanted: Sequence[Units], at: datetime) -> Sequence[AddItem]:
    offers = await offers_of(handler, _places("items.{}.sku", [units.sku for units in wanted]), at)
    return [AddItem(cart_id=cart_id, offer=offers[units.sku], quantity=units.quantity, at=at) for units in wanted]


def _places(field: str, skus: Sequence[Sku]) -> Mapping[Sku, str]:
    """Where the request names each SKU first."""
    places = dict[Sku, str]()
    for number, sku in enumerate(skus):
        places.setdefault(sku, field.format(number))
    return places


@contextmanager
def _named(items: str, before: int = 0) -> Iterator[None]:
    """Refusals name the item of the request that they are about."""
    try:
        yield
    except DomainError as error:
        error.within(items, before)
        raise
