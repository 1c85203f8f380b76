"""Stretches of the shelves: what most lists are, asked many at once.

Whatever is asked at the same time is one statement, of whichever orders: a query costs the driver, the server and the
line between them as much as several stretches do, and there are as many queries as kinds of statements.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from projections.engine.paging import Page, Place, Window, page_of
from projections.engine.ports import Row, Tables
from projections.product_catalogue import EVERYTHING
from projections.product_listings import CARD, Card, Filter, Sort, card, place_in

LEAST, MOST = -(2**63), 2**63 - 1
LAST_OF_TEXTS = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class ListingRequest:
    """The next `size` products of a shelf in an order, from a place on, in a range of prices."""

    sort: Sort
    shelf: str
    at: datetime
    size: int
    after: Place
    price_from: int
    price_to: int


FRONT: Mapping[Sort, Place] = {
    Sort.TITLE: ("", ""),
    Sort.CHEAPEST: (LEAST, ""),
    Sort.DEAREST: (MOST, LAST_OF_TEXTS),
    Sort.NEWEST: (MOST, LAST_OF_TEXTS),
}
"""Places before all rows: whether a question begins or goes on, it is the same statement."""


def listing_request(wanted: Filter, sort: Sort, window: Window, at: datetime) -> ListingRequest | None:
    """A question that many can ask in one query; None when it is not as plain as that.

    A range of prices in another order than theirs is not: it may go through the whole shelf, and those beside it would
    wait.
    """
    if wanted.brand is not None or wanted.text is not None or window.backwards or window.before is not None:
        return None
    if sort in (Sort.TITLE, Sort.NEWEST) and (wanted.price_from, wanted.price_to) != (None, None):
        return None
    return ListingRequest(
        sort=sort,
        shelf=EVERYTHING if wanted.category_id is None else wanted.category_id,
        at=at,
        size=window.size,
        after=FRONT[sort] if window.after is None else window.after,
        price_from=LEAST if wanted.price_from is None else wanted.price_from,
        price_to=MOST if wanted.price_to is None else wanted.price_to,
    )


async def listings(tables: Tables, asked: Sequence[ListingRequest]) -> Sequence[Page[Card]]:
    """The answers to several questions, in one query."""
    found: list[list[Row]] = [[] for _ in asked]
    for row in await tables.fetch(LEAVES, *zip(*map(_values, asked), strict=True)):
        found[row[-1] - 1].append(row)
    return [_page(request, rows) for request, rows in zip(asked, found, strict=True)]


def _page(request: ListingRequest, rows: Sequence[Row]) -> Page[Card]:
    window = Window(size=request.size, after=None if request.after == FRONT[request.sort] else request.after)
    return page_of(rows, window, place_in(request.sort), card)


def _values(request: ListingRequest) -> tuple[object, ...]:
    """What LEAVES takes of a question; one row more than is asked for shows whether there are more."""
    place, it = request.after
    number, title = (0, place) if request.sort is Sort.TITLE else (place, "")
    return (
        request.sort.name,
        request.shelf,
        request.at,
        request.size + 1,
        request.price_from,
        request.price_to,
        number,
        title,
        it,
    )


def _stretch(sort: Sort) -> str:
    """The rows of a question `a`, if it is one of this order."""
    place, it = sort.value.columns
    direction, sign = ("desc", "<") if sort.value.descending else ("asc", ">")
    return f"""(
        select {CARD}
        from {{s}}.listings l
        where a.sort = '{sort.name}' and l.shelf = a.shelf and l.valid_from <= a.at and l.valid_until > a.at
            and l.amount >= a.price_from and l.amount <= a.price_to
            and ({place}, {it}) {sign} (a.{"title" if sort is Sort.TITLE else "number"}, a.product_id)
        order by {place} {direction}, {it} {direction} limit a.size
    )"""


LEAVES = f"""
    select l.*, a.n
    from unnest(
        $1::text[], $2::text[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[],
        $9::text[]
    ) with ordinality as a (sort, shelf, at, size, price_from, price_to, number, title, product_id, n)
    cross join lateral ({" union all ".join(map(_stretch, Sort))}) l
"""
"""Each stretch is read in the order of its index; sorting all rows once more would cost as much as reading them."""
