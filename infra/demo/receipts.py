"""From a receipt to what the shop sells for it, to the cent; every oddity of the data is counted here."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from infra.demo.dataset import Basket, Line, Product
from infra.demo.prices import ListPrice


class Oddity(StrEnum):
    """What a plain sale has not. docs/demo-data.md says what is done about each, and why."""

    NO_SALE = "lines without quantity and value: nothing was sold, skipped"
    NO_QUANTITY = "lines with a value but no quantity: sold as one unit"
    FREE = "lines given away: sold for 0.00"
    UNKNOWN_PRODUCT = "lines whose product is not in the product file: sold as a placeholder, if sold at all"
    NO_CATEGORY = "lines of products without a category: counted in their department"
    PART_CENTS = "lines that are no whole number of cents per unit: priced as a line"
    THOUSANDTHS = "lines with more than 1,000 units: thousandths, priced by the thousand"
    FEW_THOUSANDTHS = "lines with at most 1,000 thousandths: priced by the thousand too"
    EMPTY_BASKET = "baskets in which nothing was sold: no order"
    FREE_BASKET = "baskets that cost nothing: ordered without payment"


@dataclass(frozen=True, slots=True)
class Sale:
    """So many units for `total` cents; `reason` says why that is not the list price."""

    sku: str
    quantity: int
    total: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is ordered for a basket, and what was odd about it."""

    basket: Basket
    sales: tuple[Sale, ...]
    oddities: Mapping[Oddity, int]

    @property
    def total(self) -> int:
        return sum(sale.total for sale in self.sales)


@dataclass(frozen=True, slots=True)
class Till:
    """Reads receipts, knowing the catalogue."""

    prices: Mapping[int, ListPrice]
    in_file: Collection[int]
    uncategorised: Collection[int]

    @classmethod
    def knowing(cls, prices: Mapping[int, ListPrice], products: Iterable[Product]) -> "Till":
        listed = list(products)
        uncategorised = {p.product_id for p in listed if p.product_category is None}
        return cls(prices, {p.product_id for p in listed}, uncategorised)

    def receipt(self, basket: Basket) -> Receipt:
        oddities = Counter(oddity for line in basket.lines for oddity in self._oddities(line))
        sales = tuple(self._sale(line) for line in basket.lines if line.quantity or line.value)
        if not sales:
            oddities[Oddity.EMPTY_BASKET] += 1
        elif all(sale.total == 0 for sale in sales):
            oddities[Oddity.FREE_BASKET] += 1
        return Receipt(basket, sales, oddities)

    def _oddities(self, line: Line) -> Iterable[Oddity]:
        if line.product_id not in self.in_file:
            yield Oddity.UNKNOWN_PRODUCT
        if line.product_id in self.uncategorised:
            yield Oddity.NO_CATEGORY
        if line.quantity == 0:
            yield Oddity.NO_QUANTITY if line.value else Oddity.NO_SALE
            return
        if line.value == 0:
            yield Oddity.FREE
        if line.value % line.quantity:
            yield Oddity.PART_CENTS
        if self.prices[line.product_id].base_quantity > 1:
            yield Oddity.THOUSANDTHS if line.quantity > 1000 else Oddity.FEW_THOUSANDTHS

    def _sale(self, line: Line) -> Sale:
        quantity = line.quantity or 1
        at_list = self.prices[line.product_id].of(quantity) == line.value
        return Sale(str(line.product_id), quantity, line.value, None if at_list else _reason(line))


def _reason(line: Line) -> str:
    if line.value == 0:
        return "Given away"
    named = [
        name
        for name, amount in (("loyalty card price", line.retail_disc), ("matched coupon", line.coupon_match_disc))
        if amount > 0
    ]
    return " and ".join(named).capitalize() or "Shelf price of the day"
