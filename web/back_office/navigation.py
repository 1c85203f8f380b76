"""What the left edge of the back office lists: sections of pages. A page's module adds itself here when it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the back office; it is shown to those who have one of the permissions (empty: to all staff)."""

    text: str
    path: str
    permissions: frozenset[str] = frozenset()


def _needs(*permissions: str) -> frozenset[str]:
    return frozenset(permissions)


NAVIGATION: Mapping[str, Sequence[Entry]] = {
    "Sell": (
        Entry("Today", "/desk"),
        Entry("Orders", "/desk/orders", _needs("orders", "fulfilment", "audit")),
        Entry("Fulfilment", "/desk/fulfilment", _needs("fulfilment")),
        Entry("People", "/desk/people", _needs("customers")),
    ),
    "Goods": (
        Entry("Products", "/desk/products", _needs("catalogue")),
        Entry("Categories", "/desk/categories", _needs("catalogue")),
        Entry("Promotions", "/desk/promotions", _needs("prices")),
        Entry("Stock", "/desk/stock", _needs("stock")),
    ),
    "Prove": (
        Entry("Figures", "/desk/figures", _needs("analytics")),
        Entry("History", "/desk/history", _needs("audit")),
        Entry("Cockpit", "/desk/cockpit", _needs("operations")),
    ),
    "Administer": (
        Entry("Staff", "/desk/staff", _needs("admin")),
        Entry("Roles", "/desk/roles", _needs("admin")),
        Entry("API keys", "/desk/api-keys", _needs("admin")),
    ),
}
"""By the name of the section."""


def shown_to(permissions: frozenset[str]) -> Mapping[str, Sequence[Entry]]:
    """The sections and their pages that these permissions open."""
    allowed = {
        section: [entry for entry in entries if not entry.permissions or entry.permissions & permissions]
        for section, entries in NAVIGATION.items()
    }
    return {section: entries for section, entries in allowed.items() if entries}
