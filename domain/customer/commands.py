"""What can be asked of a customer's account. Personal fields come sealed."""

from datetime import datetime
from enum import StrEnum

from domain.shared.ids import CartId, OrderId
from domain.shared.messages import command
from domain.shared.personal import Sealed


class PasswordChange(StrEnum):
    """Whether the shopper knew the password before, or followed a mailed link."""

    CHANGED = "changed"
    RESET = "reset"


@command("customer.register.v1")
class RegisterCustomer:
    """The shopper followed the link that was mailed to `email`, so the address is verified at once."""

    subject: str
    email: Sealed
    profile: Sealed | None
    at: datetime


@command("customer.change_email.v1")
class ChangeEmail:
    """The shopper followed the link that was mailed to the new address."""

    subject: str
    email: Sealed
    at: datetime


@command("customer.change_profile.v1")
class ChangeProfile:
    subject: str
    profile: Sealed
    at: datetime


@command("customer.add_address.v1")
class AddAddress:
    subject: str
    address_id: str
    address: Sealed
    for_delivery: bool
    for_billing: bool
    at: datetime


@command("customer.change_address.v1")
class ChangeAddress:
    """`address` is None when only the defaults change. A default is moved by naming another address as the default."""

    subject: str
    address_id: str
    address: Sealed | None
    for_delivery: bool
    for_billing: bool
    at: datetime


@command("customer.remove_address.v1")
class RemoveAddress:
    subject: str
    address_id: str
    at: datetime


@command("customer.give_consent.v1")
class GiveConsent:
    """`wording` names the text that the shopper agreed to."""

    subject: str
    purpose: str
    wording: str
    at: datetime


@command("customer.withdraw_consent.v1")
class WithdrawConsent:
    subject: str
    purpose: str
    at: datetime


@command("customer.record_password_change.v1")
class RecordPasswordChange:
    subject: str
    how: PasswordChange
    at: datetime


@command("customer.record_sessions_ended.v1")
class RecordSessionsEnded:
    subject: str
    reason: str
    at: datetime


@command("customer.claim_orders.v1")
class ClaimOrders:
    """The orders were placed by `guest`, with the verified address of this customer."""

    subject: str
    guest: str
    orders: tuple[OrderId, ...]
    at: datetime


@command("customer.keep_cart.v1")
class KeepCart:
    """The cart that the shopper finds again on every device."""

    subject: str
    cart_id: CartId
    at: datetime


@command("customer.add_passkey.v1")
class AddPasskey:
    subject: str
    passkey_id: str
    at: datetime


@command("customer.remove_passkey.v1")
class RemovePasskey:
    """`another_way`: the shopper has a password too."""

    subject: str
    passkey_id: str
    another_way: bool
    at: datetime


CustomerCommand = (
    RegisterCustomer
    | ChangeEmail
    | ChangeProfile
    | AddAddress
    | ChangeAddress
    | RemoveAddress
    | GiveConsent
    | WithdrawConsent
    | RecordPasswordChange
    | RecordSessionsEnded
    | ClaimOrders
    | KeepCart
    | AddPasskey
    | RemovePasskey
)
