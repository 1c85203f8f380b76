"""What each permission of staff lets its holder do, in words."""

from collections.abc import Mapping

ADMIN = "admin"
PERMISSIONS: Mapping[str, str] = {
    "catalogue": "Describe and publish products, keep categories",
    "prices": "Set and withdraw prices",
    "stock": "Receive and count goods",
    "fulfilment": "Pick, pack and dispatch parcels",
    "till": "Agree a price in a shopper's cart",
    "orders": "Cancel orders and lines",
    "refunds": "Refund payments",
    "customers": "See who ordered, forget a person",
    "audit": "Read the stored history",
    "analytics": "See sales and best sellers",
    "operations": "Run the cockpit",
    ADMIN: "Manage staff, roles and API keys",
}
OF_KEYS: Mapping[str, str] = {name: text for name, text in PERMISSIONS.items() if name != ADMIN}
"""Keys cannot manage staff or other keys."""
