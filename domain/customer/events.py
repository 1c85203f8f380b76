"""What can happen to a customer's account."""

from datetime import datetime

from domain.customer.commands import PasswordChange
from domain.shared.ids import CartId, OrderId
from domain.shared.messages import event
from domain.shared.personal import Sealed


@event("customer.registered.v1")
class CustomerRegistered:
    subject: str
    email: Sealed
    profile: Sealed | None
    at: datetime


@event("customer.email_verified.v1")
class EmailVerified:
    subject: str
    at: datetime


@event("customer.email_changed.v1")
class EmailChanged:
    subject: str
    email: Sealed
    at: datetime


@event("customer.profile_changed.v1")
class ProfileChanged:
    subject: str
    profile: Sealed
    at: datetime


@event("customer.address_added.v1")
class AddressAdded:
    """`for_delivery` and `for_billing`: the address is the default for these from now on."""

    subject: str
    address_id: str
    address: Sealed
    for_delivery: bool
    for_billing: bool
    at: datetime


@event("customer.address_changed.v1")
class AddressChanged:
    """`address` is None when only the defaults changed."""

    subject: str
    address_id: str
    address: Sealed | None
    for_delivery: bool
    for_billing: bool
    at: datetime


@event("customer.address_removed.v1")
class AddressRemoved:
    """`for_delivery` and `for_billing` are the defaults from now on, if any address is left."""

    subject: str
    address_id: str
    for_delivery: str | None
    for_billing: str | None
    at: datetime


@event("customer.consent_given.v1")
class ConsentGiven:
    subject: str
    purpose: str
    wording: str
    at: datetime


@event("customer.consent_withdrawn.v1")
class ConsentWithdrawn:
    subject: str
    purpose: str
    at: datetime


@event("customer.password_changed.v1")
class PasswordChanged:
    subject: str
    how: PasswordChange
    at: datetime


@event("customer.sessions_ended.v1")
class SessionsEnded:
    subject: str
    reason: str
    at: datetime


@event("customer.orders_claimed.v1")
class OrdersClaimed:
    subject: str
    guest: str
    orders: tuple[OrderId, ...]
    at: datetime


@event("customer.cart_kept.v1")
class CartKept:
    subject: str
    cart_id: CartId
    at: datetime


@event("customer.passkey_added.v1")
class PasskeyAdded:
    """The credential itself is in the identity store."""

    subject: str
    passkey_id: str
    at: datetime


@event("customer.passkey_removed.v1")
class PasskeyRemoved:
    subject: str
    passkey_id: str
    at: datetime


CustomerEvent = (
    CustomerRegistered
    | EmailVerified
    | EmailChanged
    | ProfileChanged
    | AddressAdded
    | AddressChanged
    | AddressRemoved
    | ConsentGiven
    | ConsentWithdrawn
    | PasswordChanged
    | SessionsEnded
    | OrdersClaimed
    | CartKept
    | PasskeyAdded
    | PasskeyRemoved
)
