"""So many units of a SKU."""

from dataclasses import dataclass

from domain.shared.ids import Sku


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """A quantity of one SKU; parcels and orders are made of them."""

    sku: Sku
    quantity: int
