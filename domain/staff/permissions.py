"""What a caller may do, and which permissions the fixed roles of signed tokens have."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache

SHOPPER = "shopper"
WEB = "web"
"""The role of the server of the pages. It names visitors' addresses, is notified of changes, permits nothing else."""


class Permission(StrEnum):
    """A member is equal to its name, so that a set of names can be asked for it."""

    SHOP = "shop"
    CATALOGUE = "catalogue"
    PRICES = "prices"
    STOCK = "stock"
    FULFILMENT = "fulfilment"
    TILL = "till"
    ORDERS = "orders"
    REFUNDS = "refunds"
    CUSTOMERS = "customers"
    AUDIT = "audit"
    ANALYTICS = "analytics"
    OPERATIONS = "operations"
    ADMIN = "admin"


STAFF_PERMISSIONS = frozenset(Permission) - {Permission.SHOP}
"""What a role of staff can be given. Shoppers buy; staff have an account of their own for that."""

ROLES: Mapping[str, frozenset[Permission]] = {
    SHOPPER: frozenset({Permission.SHOP}),
    "back_office": STAFF_PERMISSIONS - {Permission.ADMIN},
    "warehouse": frozenset({Permission.STOCK, Permission.FULFILMENT}),
    "till": frozenset({Permission.TILL}),
    "analyst": frozenset({Permission.ANALYTICS}),
    "auditor": frozenset({Permission.AUDIT}),
    WEB: frozenset(),
}
"""The roles that a signed token can name. None has ADMIN: a token names no login that could be asked for again."""

ADMINISTRATOR = "administrator"
DEFAULT_ROLES: Mapping[str, frozenset[Permission]] = {
    ADMINISTRATOR: STAFF_PERMISSIONS,
    **{role: ROLES[role] for role in ("back_office", "warehouse", "till", "analyst", "auditor")},
}
"""The roles of members of staff that a shop begins with. Administrators change them as they like."""


@lru_cache(maxsize=1_000)
def permissions_of(roles: frozenset[str]) -> frozenset[str]:
    """What the roles of a token permit together. A name that is not in the table permits nothing."""
    return frozenset(permission for role in roles for permission in ROLES.get(role, ()))


def ordered(permissions: Iterable[str]) -> list[Permission]:
    """In the order of the table above, without names that it does not have."""
    named = set(permissions)
    return [permission for permission in Permission if permission in named]


def any_of(permissions: Collection[str]) -> str:
    """The permissions as a sentence has them: `` `orders`, `fulfilment` or `audit` ``."""
    *first, last = [f"`{permission}`" for permission in ordered(permissions)]
    return f"{', '.join(first)} or {last}" if first else last
