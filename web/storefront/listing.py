"""Lists of products that can be narrowed: by category, brand, price and stock. Every choice is a link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from web.http.visit import Visit
from web.texts.languages import noted

SORTS: Mapping[str, tuple[str, str]] = {
    "": ("RELEVANCE", noted("Best match")),
    "cheapest": ("CHEAPEST", noted("Cheapest")),
    "dearest": ("DEAREST", noted("Dearest")),
    "newest": ("NEWEST", noted("Newest")),
    "title": ("TITLE", noted("By name")),
}
LONGEST_TERM, MOST_BRANDS, DIGITS = 200, 50, 9

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address of a list says: a term, filters, an order, and where to go on."""

    path: str
    term: str
    brands: Sequence[str]
    price: str
    available: bool
    sort: str
    cursor: str

    @classmethod
    def of(cls, path: str, query: QueryParams) -> "Wish":
        """What cannot be meant is left out: a link may be old or shortened."""
        sort = query.get("sort", "")
        return cls(
            path,
            query.get("q", "").strip()[:LONGEST_TERM],
            query.getlist("brand")[:MOST_BRANDS],
            query.get("price", "") if _bounds(query.get("price", "")) != (None, None) else "",
            query.get("stock") == "in",
            sort if sort in SORTS else "",
            query.get("after", ""),
        )

    def variables(self, category: str | None) -> dict[str, Any]:
        low, high = _bounds(self.price)
        wanted = {
            "category": category,
            "brands": list(self.brands) or None,
            "minPrice": low,
            "maxPrice": high,
            "available": True if self.available else None,
        }
        chosen = {name: value for name, value in wanted.items() if value is not None}
        return {
            "term": self.term,
            "filter": chosen or None,
            "sort": SORTS[self.sort][0],
            "cursor": self.cursor or None,
        }

    @property
    def narrowed(self) -> bool:
        return bool(self.brands or self.price or self.available)

    @property
    def clear(self) -> str:
        return self._address([("q", self.term), ("sort", self.sort)])

    def with_sort(self, sort: str) -> str:
        return self._address([*self._filters(), ("sort", sort)])

    def next_page(self, cursor: str) -> str:
        return self._address([*self._filters(), ("sort", self.sort), ("after", cursor)])

    @property
    def first_page(self) -> str:
        return self._address([*self._filters(), ("sort", self.sort)])

    def toggled(self, name: str, value: str) -> str:
        """The address with one more filter, or without one that is set. A price replaces another."""
        pairs = self._filters()
        others = [it for it in pairs if it != (name, value) and (name == "brand" or it[0] != name)]
        chosen = others if (name, value) in pairs else [*others, (name, value)]
        return self._address([*chosen, ("sort", self.sort)])

    def has(self, name: str, value: str) -> bool:
        return (name, value) in self._filters()

    def _filters(self) -> list[Pair]:
        stock = [("stock", "in")] if self.available else []
        return [("q", self.term), *(("brand", it) for it in self.brands), ("price", self.price), *stock]

    def _address(self, pairs: Sequence[Pair]) -> str:
        query = urlencode([pair for pair in pairs if pair[1]])
        return f"{self.path}?{query}" if query else self.path


def _bounds(price: str) -> tuple[int | None, int | None]:
    low, dash, high = price.partition("-")
    if not dash or not all(it.isascii() and it.isdigit() and len(it) <= DIGITS for it in (low, high) if it):
        return None, None
    return int(low) if low else None, int(high) if high else None


async def listed(visit: Visit, wish: Wish, category: str | None = None) -> Mapping[str, Any]:
    """What parts/listing.html shows."""
    found = (await visit.ask("listing", **wish.variables(category)))["search"]
    return {
        "wish": wish,
        "found": found,
        "products": [edge["node"] for edge in found["edges"]],
        "sorts": [(name, text) for name, (_, text) in SORTS.items()],
    }
