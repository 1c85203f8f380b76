"""Pages of an ordered list, found by the place of a row and not by counting rows (keyset pagination)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from projections.engine.ports import Row

T = TypeVar("T")

Place = tuple[Any, ...]
"""The values of the ordering columns of one row; no two rows share them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The first `size` rows between two places, or the last ones (`backwards`)."""

    size: int
    after: Place | None = None
    before: Place | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Rows of a window in the order of the list, each with its place."""

    items: Sequence[tuple[Place, T]]
    more_before: bool
    more_after: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordering:
    """Columns that together are unique; all of them rise, or all of them fall."""

    columns: tuple[str, ...]
    descending: bool = False

    def conditions(self, window: Window, values: list[object]) -> list[str]:
        """What keeps rows inside the window; the values of its parameters are added to `values`."""
        found = []
        places = ", ".join(self.columns)
        after, before = ("<", ">") if self.descending else (">", "<")
        for place, sign in ((window.after, after), (window.before, before)):
            if place is not None:
                marks = ", ".join(f"${len(values) + n}" for n in range(1, len(place) + 1))
                values.extend(place)
                found.append(f"({places}) {sign} ({marks})")
        return found

    def clause(self, window: Window) -> str:
        """Order and limit; one row more than asked for shows whether there are more."""
        direction = "desc" if self.descending != window.backwards else "asc"
        columns = ", ".join(f"{column} {direction}" for column in self.columns)
        return f"order by {columns} limit {window.size + 1}"


def page_of(
    rows: Sequence[Row], window: Window, place_of: Callable[[Row], Place], item_of: Callable[[Row], T]
) -> Page[T]:
    """Turn the rows of a query into a page.

    In the direction of reading it is known whether there are more rows; behind us there is at least the row whose
    place we started from (GraphQL Cursor Connections, 4.4: this may be answered so when it is cheaper).
    """
    more = len(rows) > window.size
    kept = rows[: window.size]
    items = [(place_of(row), item_of(row)) for row in (reversed(kept) if window.backwards else kept)]
    if window.backwards:
        return Page(items=items, more_before=more, more_after=window.before is not None)
    return Page(items=items, more_before=window.after is not None, more_after=more)
