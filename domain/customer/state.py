"""What is known of a customer's account."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from immutables import Map

from domain.customer.events import (
    AddressAdded,
    AddressChanged,
    AddressRemoved,
    CartKept,
    ConsentGiven,
    ConsentWithdrawn,
    CustomerEvent,
    CustomerRegistered,
    EmailChanged,
    EmailVerified,
    OrdersClaimed,
    PasskeyAdded,
    PasskeyRemoved,
    PasswordChanged,
    ProfileChanged,
    SessionsEnded,
)
from domain.shared.frozen import replace
from domain.shared.ids import CartId, OrderId
from domain.shared.personal import Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One decision of the shopper: given for a wording, or withdrawn."""

    purpose: str
    given: bool
    wording: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """An account. `consents` is the whole history, oldest first."""

    subject: str = ""
    registered_at: datetime | None = None
    email: Sealed | None = None
    verified: bool = False
    profile: Sealed | None = None
    addresses: Map[str, Sealed] = field(default_factory=Map)
    order_of_addresses: tuple[str, ...] = ()
    for_delivery: str | None = None
    for_billing: str | None = None
    consents: tuple[Consent, ...] = ()
    guests: frozenset[str] = frozenset()
    claimed: frozenset[OrderId] = frozenset()
    cart_id: CartId | None = None
    passkeys: frozenset[str] = frozenset()

    @property
    def exists(self) -> bool:
        return self.registered_at is not None

    def consent(self, purpose: str) -> Consent | None:
        """The latest decision for the purpose."""
        return next((it for it in reversed(self.consents) if it.purpose == purpose), None)


def evolve(customer: Customer, event: CustomerEvent) -> Customer:
    """The account after the fact."""
    match event:
        case CustomerRegistered(subject=subject, email=email, profile=profile, at=at):
            return replace(customer, subject=subject, email=email, profile=profile, registered_at=at)
        case EmailVerified():
            return replace(customer, verified=True)
        case EmailChanged(email=email):
            return replace(customer, email=email, verified=False)
        case ProfileChanged(profile=profile):
            return replace(customer, profile=profile)
        case AddressAdded(address_id=address_id, address=address):
            order = (*customer.order_of_addresses, address_id)
            added = replace(customer, addresses=customer.addresses.set(address_id, address), order_of_addresses=order)
            return _with_defaults(added, event)
        case AddressChanged(address_id=address_id, address=address):
            if address is not None:
                customer = replace(customer, addresses=customer.addresses.set(address_id, address))
            return _with_defaults(customer, event)
        case AddressRemoved(address_id=address_id):
            return replace(
                customer,
                addresses=customer.addresses.delete(address_id),
                order_of_addresses=tuple(it for it in customer.order_of_addresses if it != address_id),
                for_delivery=event.for_delivery,
                for_billing=event.for_billing,
            )
        case ConsentGiven(purpose=purpose, wording=wording, at=at):
            return _decided(customer, Consent(purpose=purpose, given=True, wording=wording, at=at))
        case ConsentWithdrawn(purpose=purpose, at=at):
            return _decided(customer, Consent(purpose=purpose, given=False, wording=None, at=at))
        case OrdersClaimed(guest=guest, orders=orders):
            return replace(customer, guests=customer.guests | {guest}, claimed=customer.claimed | {*orders})
        case CartKept(cart_id=cart_id):
            return replace(customer, cart_id=cart_id)
        case PasskeyAdded(passkey_id=passkey_id):
            return replace(customer, passkeys=customer.passkeys | {passkey_id})
        case PasskeyRemoved(passkey_id=passkey_id):
            return replace(customer, passkeys=customer.passkeys - {passkey_id})
        case PasswordChanged() | SessionsEnded():
            return customer
        case _:
            assert_never(event)


def _decided(customer: Customer, consent: Consent) -> Customer:
    return replace(customer, consents=(*customer.consents, consent))


def _with_defaults(customer: Customer, event: AddressAdded | AddressChanged) -> Customer:
    return replace(
        customer,
        for_delivery=event.address_id if event.for_delivery else customer.for_delivery,
        for_billing=event.address_id if event.for_billing else customer.for_billing,
    )
