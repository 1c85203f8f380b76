"""One account: registered once, with an address book that always has its defaults, and every consent on record."""

from collections.abc import Sequence
from typing import assert_never

from domain.customer.commands import (
    AddAddress,
    AddPasskey,
    ChangeAddress,
    ChangeEmail,
    ChangeProfile,
    ClaimOrders,
    CustomerCommand,
    GiveConsent,
    KeepCart,
    RecordPasswordChange,
    RecordSessionsEnded,
    RegisterCustomer,
    RemoveAddress,
    RemovePasskey,
    WithdrawConsent,
)
from domain.customer.errors import (
    AccountExists,
    AccountNotFound,
    AddressBookFull,
    AddressNotFound,
    LastWayIn,
    NotAGuest,
    TooManyConsents,
    TooManyPasskeys,
)
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
from domain.customer.state import Customer, evolve
from domain.shared import require
from domain.shared.decider import Decider
from domain.shared.ids import GUEST

MOST_ADDRESSES = 50
MOST_PURPOSES = 20
MOST_PASSKEYS = 20
LONGEST_WORDING = 100
LONGEST_REASON = 200
LONGEST_SUBJECT = 200


def decide(customer: Customer, command: CustomerCommand) -> Sequence[CustomerEvent]:
    """What follows from a command; raises the errors of this folder."""
    if isinstance(command, RegisterCustomer):
        return _register(customer, command)
    if not customer.exists:
        raise AccountNotFound("There is no such account. Register first.")
    subject, at = command.subject, command.at
    match command:
        case ChangeEmail(email=email):
            return [EmailChanged(subject=subject, email=email, at=at), EmailVerified(subject=subject, at=at)]
        case ChangeProfile(profile=profile):
            return [ProfileChanged(subject=subject, profile=profile, at=at)]
        case AddAddress():
            return _add_address(customer, command)
        case ChangeAddress():
            return _change_address(customer, command)
        case RemoveAddress(address_id=address_id):
            return _remove_address(customer, command) if address_id in customer.addresses else []
        case GiveConsent():
            return _give(customer, command)
        case WithdrawConsent(purpose=purpose):
            latest = customer.consent(purpose)
            return [ConsentWithdrawn(subject=subject, purpose=purpose, at=at)] if latest and latest.given else []
        case RecordPasswordChange(how=how):
            return [PasswordChanged(subject=subject, how=how, at=at)]
        case RecordSessionsEnded(reason=reason):
            require.text(reason, "reason", LONGEST_REASON)
            return [SessionsEnded(subject=subject, reason=reason, at=at)]
        case ClaimOrders():
            return _claim(customer, command)
        case KeepCart(cart_id=cart_id):
            return [] if cart_id == customer.cart_id else [CartKept(subject=subject, cart_id=cart_id, at=at)]
        case AddPasskey():
            return _add_passkey(customer, command)
        case RemovePasskey():
            return _remove_passkey(customer, command)
        case _:
            assert_never(command)


def _register(customer: Customer, command: RegisterCustomer) -> Sequence[CustomerEvent]:
    require.text(command.subject, "subject", LONGEST_SUBJECT)
    if customer.exists:
        raise AccountExists("This account exists already.")
    return [
        CustomerRegistered(subject=command.subject, email=command.email, profile=command.profile, at=command.at),
        EmailVerified(subject=command.subject, at=command.at),
    ]


def _add_address(customer: Customer, command: AddAddress) -> Sequence[CustomerEvent]:
    """The first address is the default for everything."""
    require.code(command.address_id, "address_id")
    if command.address_id in customer.addresses:
        return []
    if len(customer.addresses) == MOST_ADDRESSES:
        raise AddressBookFull(f"An address book holds {MOST_ADDRESSES} addresses. Remove one first.")
    return [
        AddressAdded(
            subject=command.subject,
            address_id=command.address_id,
            address=command.address,
            for_delivery=command.for_delivery or customer.for_delivery is None,
            for_billing=command.for_billing or customer.for_billing is None,
            at=command.at,
        )
    ]


def _change_address(customer: Customer, command: ChangeAddress) -> Sequence[CustomerEvent]:
    it = command.address_id
    if it not in customer.addresses:
        raise AddressNotFound(f"There is no address {it} in the address book.", "address_id")
    delivery = command.for_delivery and customer.for_delivery != it
    billing = command.for_billing and customer.for_billing != it
    if command.address is None and not (delivery or billing):
        return []
    return [
        AddressChanged(
            subject=command.subject,
            address_id=it,
            address=command.address,
            for_delivery=delivery,
            for_billing=billing,
            at=command.at,
        )
    ]


def _remove_address(customer: Customer, command: RemoveAddress) -> Sequence[CustomerEvent]:
    """A default that goes is followed by the oldest address that is left."""
    left = next((it for it in customer.order_of_addresses if it != command.address_id), None)
    return [
        AddressRemoved(
            subject=command.subject,
            address_id=command.address_id,
            for_delivery=left if customer.for_delivery == command.address_id else customer.for_delivery,
            for_billing=left if customer.for_billing == command.address_id else customer.for_billing,
            at=command.at,
        )
    ]


def _give(customer: Customer, command: GiveConsent) -> Sequence[CustomerEvent]:
    require.code(command.purpose, "purpose")
    require.text(command.wording, "wording", LONGEST_WORDING)
    latest = customer.consent(command.purpose)
    if latest is None and len({it.purpose for it in customer.consents}) == MOST_PURPOSES:
        raise TooManyConsents(f"Consent is recorded for {MOST_PURPOSES} purposes at most.", "purpose")
    if latest is not None and latest.given and latest.wording == command.wording:
        return []
    return [
        ConsentGiven(subject=command.subject, purpose=command.purpose, wording=command.wording, at=command.at),
    ]


def _add_passkey(customer: Customer, command: AddPasskey) -> Sequence[CustomerEvent]:
    require.code(command.passkey_id, "passkey_id")
    if command.passkey_id in customer.passkeys:
        return []
    if len(customer.passkeys) == MOST_PASSKEYS:
        raise TooManyPasskeys(f"An account has {MOST_PASSKEYS} passkeys at most. Remove one first.")
    return [PasskeyAdded(subject=command.subject, passkey_id=command.passkey_id, at=command.at)]


def _remove_passkey(customer: Customer, command: RemovePasskey) -> Sequence[CustomerEvent]:
    """One that is not there is no error."""
    if command.passkey_id not in customer.passkeys:
        return []
    if len(customer.passkeys) == 1 and not command.another_way:
        raise LastWayIn("This passkey is all that you can log in with. Set a password or add another passkey first.")
    return [PasskeyRemoved(subject=command.subject, passkey_id=command.passkey_id, at=command.at)]


def _claim(customer: Customer, command: ClaimOrders) -> Sequence[CustomerEvent]:
    if not command.guest.startswith(GUEST):
        raise NotAGuest("Only orders of guests can be claimed.", "guest")
    new = tuple(it for it in command.orders if it not in customer.claimed)
    if not new:
        return []
    return [OrdersClaimed(subject=command.subject, guest=command.guest, orders=new, at=command.at)]


customer_decider = Decider(initial=Customer(), decide=decide, evolve=evolve)
