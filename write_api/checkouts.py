"""Checkouts: buying a cart, paying with another method, and cancelling."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from commands.lookups.checkout import Purchase, check_out, pay_again
from commands.routes import PAYMENT
from domain.cart.commands import CancelCheckout
from domain.payment.state import Payment, PaymentPhase
from domain.shared.errors import DomainError
from domain.shared.ids import CheckoutId, payment_of
from domain.shared.personal import Sealed
from write_api.http.context import Context, Shop
from write_api.http.credentials import Email
from write_api.http.fields import COUNTRY, ID, Body, OptionalText, PathId, Text, Time, Total, example
from write_api.http.ownership import OwnPayment, cart_of_caller
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/checkouts", tags=["checkouts"], route_class=CommandRoute)

CartReference = Annotated[str, Field(pattern=ID)]
PaymentMethod = Annotated[Text, Field(max_length=100, description="What the payment gateway knows it by.")]


class Address(Body):
    """Where the goods go. Sealed with the shopper's own key before it is stored."""

    model_config = example(
        name="Anna Berg", street="Bergstrasse 1", postal_code="8001", city="Zürich", country="CH", region=""
    )

    name: Annotated[Text, Field(max_length=200)]
    street: Annotated[Text, Field(max_length=200)]
    postal_code: Annotated[OptionalText, Field(max_length=20)] = ""
    city: Annotated[Text, Field(max_length=100)]
    region: Annotated[OptionalText, Field(max_length=100)] = ""
    country: Annotated[str, Field(pattern=COUNTRY, description="ISO 3166-1 alpha-2")]


class NewCheckout(Body):
    """`total_seen` is what the shopper was shown, delivery included; when it is not right any more, they are asked."""

    model_config = example(
        cart_id="0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69",
        total_seen={"amount": 2999, "currency": "USD"},
        delivery_method="standard",
        address={"name": "Anna Berg", "street": "Bergstrasse 1", "city": "Zürich", "country": "CH"},
        payment_method="pm_card_ok",
    )

    cart_id: CartReference
    total_seen: Total
    delivery_method: Annotated[Text, Field(max_length=100)]
    address: Address | None = None
    payment_method: PaymentMethod
    quoted_at: Time | None = Field(default=None, description="`quotedAt` of the cart that was shown.")
    email: Email | None = Field(
        default=None,
        description="For mails about the order, and to claim it with an account of this address. Left out with an "
        "account: mails go to its own address.",
    )


class NewPayment(Body):
    model_config = example(payment_method="pm_card_ok")

    payment_method: PaymentMethod


class Cancelling(Body):
    """The cart that is being bought."""

    model_config = example(cart_id="0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69")

    cart_id: CartReference


class Confirmation(BaseModel):
    """Where the shopper confirms the payment; null when there is nothing to confirm."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"url": "https://bank.example/3ds/4f2a"}]})

    url: str | None


class CheckoutStarted(Accepted):
    """The order will have the same id as the checkout."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"position": "48212", "revision": 2, "checkout_id": "0197f0a5-1d2c-7b1e-8f00-6a7b8c9d0e1f"}]
        }
    )

    checkout_id: str


async def _sealed(context: Context, address: Address) -> Sealed:
    return await context.ports.vault.seal(context.caller.subject, address.model_dump_json().encode())


async def _kept_contact(context: Context, checkout_id: CheckoutId, email: str) -> Sealed:
    """Sealed for the log, and kept where an account of this address finds it."""
    sealed = await context.ports.vault.seal(context.caller.subject, email.encode())
    if context.ports.accounts is not None:
        await context.ports.accounts.contacts.keep(checkout_id, email, sealed, context.now)
    return sealed


@router.post("", status_code=202)
async def buy(context: Shop, body: NewCheckout) -> CheckoutStarted:
    """Check out a cart. Stock, payment and order follow; the read API tells how they go."""
    cart_id = await cart_of_caller(context, body.cart_id)
    checkout_id = CheckoutId(context.new_id("checkout"))
    context.ports.rules.amounts.payment(body.total_seen.money(), "total_seen")
    address = None if body.address is None else await _sealed(context, body.address)
    wish = Purchase(
        cart_id=cart_id,
        checkout_id=checkout_id,
        total_seen=body.total_seen.money(),
        delivery=context.ports.rules.delivery.delivery(body.delivery_method, address),
        payment_method=body.payment_method,
        at=context.now,
        client=context.client,
        limits=context.ports.rules.limits,
        quoted_at=body.quoted_at,
        contact=None if body.email is None else await _kept_contact(context, checkout_id, body.email),
    )
    try:
        at = await check_out(context.handler, wish, context.metadata)
    except DomainError:
        if body.email is not None and context.ports.accounts is not None:
            await context.ports.accounts.contacts.drop(checkout_id)
        raise
    context.created("checkouts", checkout_id)
    return context.answer(CheckoutStarted, at, checkout_id=checkout_id)


@router.post("/{checkout_id}/payments", status_code=202)
async def pay_otherwise(context: Shop, checkout_id: OwnPayment, body: NewPayment) -> Accepted:
    """Pay for a checkout with another payment method; the amount stays the same.

    For when a payment has failed, or waits for the shopper to confirm it: that attempt is cancelled first.
    """
    return context.accepted(await pay_again(context.handler, checkout_id, body.payment_method, context.metadata))


@router.get("/{checkout_id}/confirmation")
async def read_confirmation(context: Shop, checkout_id: OwnPayment) -> Confirmation:
    """Read where the shopper confirms the payment at their bank. The address is for one visit: do not store it."""
    payment: Payment = await context.handler.state_of(PAYMENT, f"payment-{payment_of(checkout_id)}")
    confirmations, ref = context.ports.confirmations, payment.gateway_ref
    if payment.phase is not PaymentPhase.ACTION_REQUIRED or ref is None or confirmations is None:
        return Confirmation(url=None)
    return Confirmation(url=await confirmations.address(ref))


@router.post("/{checkout_id}/cancel", status_code=202)
async def cancel_checkout(context: Shop, checkout_id: PathId, body: Cancelling) -> Accepted:
    """Cancel a checkout. An order that is placed already is cancelled, if it has not left the house."""
    cart_id = await cart_of_caller(context, body.cart_id)
    return await context.carry_out(CancelCheckout(cart_id=cart_id, checkout_id=CheckoutId(checkout_id)))
