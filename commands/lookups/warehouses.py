"""The warehouses of a shop: goods lie where they can be sold from."""

from collections.abc import Collection

from domain.shared.errors import NotFound
from domain.shared.ids import Warehouse


class UnknownWarehouse(NotFound):
    """The shop has no such warehouse."""


def known_warehouse(warehouse: Warehouse, warehouses: Collection[Warehouse]) -> Warehouse:
    """The warehouse, if the shop sells from it. Raises UnknownWarehouse."""
    if warehouse not in warehouses:
        raise UnknownWarehouse(
            f"This shop sells from {', '.join(warehouses)}, and from no warehouse {warehouse}. "
            "Name one of them, or add it to COUNTERFOIL_WAREHOUSES.",
            "warehouse",
        )
    return warehouse
