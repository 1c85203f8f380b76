"""The fixed roles of signed tokens."""

import re
from pathlib import Path

import pytest

from domain.staff.permissions import ROLES, STAFF_PERMISSIONS, Permission, any_of, ordered, permissions_of

PERMITS = {
    "shopper": "shop",
    "back_office": "catalogue prices stock fulfilment till orders refunds customers audit analytics operations",
    "warehouse": "stock fulfilment",
    "till": "till",
    "analyst": "analytics",
    "auditor": "audit",
    "web": "",
}
"""Written by hand, whatever the code says."""


def test_each_role_permits_what_it_should() -> None:
    assert {role: set(permissions) for role, permissions in ROLES.items()} == {
        role: set(permits.split()) for role, permits in PERMITS.items()
    }


def test_no_signed_token_administers_and_no_staff_shop() -> None:
    assert [role for role in ROLES if Permission.ADMIN in permissions_of(frozenset({role}))] == []
    assert set(Permission) - STAFF_PERMISSIONS == {Permission.SHOP}


def test_roles_add_up_and_unknown_ones_permit_nothing() -> None:
    assert permissions_of(frozenset({"warehouse", "till"})) == {"stock", "fulfilment", "till"}
    assert permissions_of(frozenset({"staff", "admin", ""})) == set()
    assert permissions_of(frozenset()) == set()


def test_permissions_are_listed_in_the_order_of_their_declaration() -> None:
    assert ordered({"audit", "orders", "nonsense", "shop"}) == [Permission.SHOP, Permission.ORDERS, Permission.AUDIT]


@pytest.mark.parametrize(
    ("permissions", "said"),
    [
        (["orders"], "`orders`"),
        (["audit", "orders"], "`orders` or `audit`"),
        (["audit", "till", "orders"], "`till`, `orders` or `audit`"),
    ],
)
def test_permissions_are_named_in_a_sentence(permissions: list[str], said: str) -> None:
    assert any_of(permissions) == said


def test_the_documentation_lists_every_permission() -> None:
    rows = re.findall(r"^\| `(\w+)` \| \S", Path("docs/staff.md").read_text(), re.MULTILINE)
    assert rows == list(Permission)


def test_the_documentation_lists_the_permissions_of_every_role() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", Path("docs/api.md").read_text(), re.MULTILINE))
    documented = {role: set(re.findall(r"`(\w+)`", rows[role])) for role in ROLES if role != "back_office"}
    assert documented == {role: set(ROLES[role]) for role in ROLES if role != "back_office"}
    assert rows["back_office"] == "all but `shop` and `admin`"
