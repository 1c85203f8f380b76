"""One list price per product, out of a year of receipts that name none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from domain.shared.money import Money
from infra.demo.dataset import DataSet, Product

MEASURED_ABOVE = 1_000
"""A till that writes quantities like this one counts thousandths: the largest count of anything else is 144."""
FALLBACK = 100


@dataclass(frozen=True, slots=True)
class ListPrice:
    """Cents for `base_quantity` units."""

    cents: int
    base_quantity: int = 1

    def of(self, quantity: int) -> int:
        return Money(self.cents, "USD").times(quantity, self.base_quantity).amount


def measured(data: DataSet) -> frozenset[int]:
    """Products that are counted in thousandths (fuel, in thousandths of a gallon)."""
    above = data.lines.filter(pc.greater(data.lines["quantity"], MEASURED_ABOVE))
    return frozenset(pc.unique(above["product_id"]).to_pylist())


def units_sold(data: DataSet) -> Mapping[int, int]:
    """How many units of each product left the shelf in the year; a line without a quantity counts as one."""
    quantity = pc.max_element_wise(data.lines["quantity"], 1)
    counted = pa.Table.from_arrays([data.lines["product_id"], quantity], ["product_id", "quantity"])
    sums = counted.group_by("product_id").aggregate([("quantity", "sum")])
    return dict(zip(sums["product_id"].to_pylist(), sums["quantity_sum"].to_pylist(), strict=True))


def list_prices(data: DataSet, products: Iterable[Product]) -> Mapping[int, ListPrice]:
    """The median of the shelf prices a product was sold at; of the kindred products when there is none.

    The shelf price is what the receipt says before the loyalty card's and the matched coupon's discount (user guide
    of The Complete Journey: regular price = (sales_value + retail_disc + coupon_match_disc) / quantity).
    """
    by_thousand = measured(data)
    seen = {
        product_id: ListPrice(
            _whole(price * 1000 if product_id in by_thousand else price), _base(product_id, by_thousand)
        )
        for product_id, price in _median_shelf_prices(data).items()
    }
    prices = {product_id: price for product_id, price in seen.items() if price.cents > 0}
    kin = _Kin(prices, products)
    return prices | {p.product_id: kin.price_of(p) for p in kin.products if p.product_id not in prices}


def _median_shelf_prices(data: DataSet) -> Mapping[int, float]:
    sold = data.lines.filter(pc.greater(data.lines["quantity"], 0))
    full = pc.add(pc.add(sold["sales_value"], sold["retail_disc"]), sold["coupon_match_disc"])
    price = pc.divide(pc.cast(full, pa.float64()), pc.cast(sold["quantity"], pa.float64()))
    ordered = pa.Table.from_arrays([sold["product_id"], price], ["product_id", "price"]).sort_by(
        [("product_id", "ascending"), ("price", "ascending")]
    )
    ids, prices = ordered["product_id"].to_pylist(), ordered["price"].to_pylist()
    return {ids[(start + end - 1) // 2]: prices[(start + end - 1) // 2] for start, end in _runs(ids)}


def _runs(ids: list[int]) -> Iterable[tuple[int, int]]:
    start = 0
    for at in range(1, len(ids) + 1):
        if at == len(ids) or ids[at] != ids[start]:
            yield start, at
            start = at


class _Kin:
    """Products of one type, category or department, nearest first, and the middle of their prices."""

    def __init__(self, prices: Mapping[int, ListPrice], products: Iterable[Product]) -> None:
        self.products = list(products)
        known: dict[tuple[str | None, ...], list[int]] = {}
        for product in self.products:
            if (price := prices.get(product.product_id)) is not None and price.base_quantity == 1:
                for group in _groups(product):
                    known.setdefault(group, []).append(price.cents)
        self._medians = {group: sorted(cents)[(len(cents) - 1) // 2] for group, cents in known.items()}

    def price_of(self, product: Product) -> ListPrice:
        nearest = (self._medians[group] for group in _groups(product) if group in self._medians)
        return ListPrice(next(nearest, FALLBACK))


def _groups(product: Product) -> Iterable[tuple[str | None, ...]]:
    path = (product.department, product.product_category, product.product_type)
    return path, path[:2], path[:1]


def _base(product_id: int, by_thousand: frozenset[int]) -> int:
    return 1000 if product_id in by_thousand else 1


def _whole(cents: float) -> int:
    return round(cents)
