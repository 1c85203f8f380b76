"""Lists that the back office starts from: products in any state, and prices that have not begun yet."""

from dataclasses import dataclass
from datetime import datetime

from domain.product.state import Phase
from domain.shared.ids import ProductId, Sku
from domain.shared.money import Money
from projections.engine.paging import Ordering, Page, Window, page_of
from projections.engine.ports import Row, Tables
from projections.product_catalogue import COLUMNS, Entry, entry_of

LATEST_FIRST = Ordering(columns=("changed", "product_id"), descending=True)
SOONEST_FIRST = Ordering(columns=("valid_from", "sku", "product_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPrice:
    """A price of a variant that begins later."""

    product_id: ProductId
    sku: Sku
    valid_from: datetime
    price: Money


async def products(tables: Tables, window: Window, phase: Phase | None) -> Page[Entry]:
    """A page of all products, or of those in a phase, the latest change first."""
    values: list[object] = [] if phase is None else [phase.value]
    conditions = ["true" if phase is None else "phase = $1", *LATEST_FIRST.conditions(window, values)]
    rows = await tables.fetch(
        f"""
        select {COLUMNS} from {{s}}.products
        where {" and ".join(conditions)} {LATEST_FIRST.clause(window)}
        """,
        *values,
    )
    return page_of(rows, window, lambda row: (row["changed"], row["product_id"]), entry_of)


async def planned_prices(tables: Tables, window: Window, at: datetime) -> Page[PlannedPrice]:
    """A page of the prices that begin after a time, the soonest first."""
    values: list[object] = [at]
    conditions = ["valid_from > $1", *SOONEST_FIRST.conditions(window, values)]
    rows = await tables.fetch(
        f"""
        select product_id, sku, valid_from, amount, currency from {{s}}.planned_prices
        where {" and ".join(conditions)} {SOONEST_FIRST.clause(window)}
        """,
        *values,
    )
    return page_of(rows, window, lambda row: (row["valid_from"], row["sku"], row["product_id"]), _planned)


def _planned(row: Row) -> PlannedPrice:
    return PlannedPrice(
        product_id=row["product_id"],
        sku=row["sku"],
        valid_from=row["valid_from"],
        price=Money(row["amount"], row["currency"]),
    )
