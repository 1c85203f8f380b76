"""What the events of people and of access say: customers, staff, roles, API keys. What is sealed is not shown."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from domain.api_key.events import ApiKeyIssued, ApiKeyRevoked
from domain.customer import events as customer
from domain.staff import events as staff
from domain.staff.commands import WayIn

WAYS_IN: Mapping[WayIn, str] = {
    WayIn.PASSWORD: "a password",
    WayIn.PASSKEY: "a passkey",
    WayIn.PROVIDER: "the identity provider",
}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


PEOPLE: Mapping[type[Any], Callable[[Any], str]] = {
    customer.CustomerRegistered: lambda _: "Registered.",
    customer.EmailVerified: lambda _: "E-mail address verified.",
    customer.EmailChanged: lambda _: "E-mail address changed.",
    customer.ProfileChanged: lambda _: "Profile changed.",
    customer.AddressAdded: lambda it: f"Address {it.address_id} added.",
    customer.AddressChanged: lambda it: f"Address {it.address_id} changed.",
    customer.AddressRemoved: lambda it: f"Address {it.address_id} removed.",
    customer.ConsentGiven: lambda it: f"Consent given to {it.purpose}.",
    customer.ConsentWithdrawn: lambda it: f"Consent to {it.purpose} withdrawn.",
    customer.PasswordChanged: lambda it: f"Password {it.how}.",
    customer.SessionsEnded: lambda _: "Logged out everywhere.",
    customer.OrdersClaimed: lambda it: f"Orders of guest {it.guest} claimed: {_listed(it.orders)}.",
    customer.PasskeyAdded: lambda it: f"Passkey {it.passkey_id} added.",
    customer.PasskeyRemoved: lambda it: f"Passkey {it.passkey_id} removed.",
    customer.CartKept: lambda it: f"Cart {it.cart_id} kept from before the login.",
    staff.StaffInvited: lambda it: f"{it.subject} invited, with the roles: {_listed(it.roles)}.",
    staff.StaffJoined: lambda it: f"{it.subject} joined, by {WAYS_IN[it.by]}.",
    staff.StaffPasskeyAdded: lambda it: f"Passkey {it.passkey_id} of {it.subject} added.",
    staff.StaffPasskeyRemoved: lambda it: f"Passkey {it.passkey_id} of {it.subject} removed.",
    staff.RoleGiven: lambda it: f"{it.subject} given the role {it.role}.",
    staff.RoleWithdrawn: lambda it: f"The role {it.role} of {it.subject} withdrawn.",
    staff.StaffRemoved: lambda it: f"{it.subject} removed.",
    staff.PermissionsSet: lambda it: f"Role {it.role} set to the permissions: {_listed(it.permissions)}.",
    staff.RoleRemoved: lambda it: f"Role {it.role} removed.",
    ApiKeyIssued: lambda it: f"API key “{it.name}” issued, with the permissions: {_listed(it.permissions)}.",
    ApiKeyRevoked: lambda it: f"API key {it.key_id} revoked.",
}
