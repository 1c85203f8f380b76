"""Product pages and listings as rows, and as shoppers leaf through them."""

from datetime import datetime, timedelta
from itertools import product

import asyncpg
import pytest

from domain.category.events import CategoryCreated, CategoryMoved
from domain.product.events import (
    MediaAttached,
    MediaRemoved,
    PriceWithdrawn,
    ProductDescribed,
    ProductDiscontinued,
    ProductDrafted,
    ProductPublished,
    ProductUnpublished,
    VariantAdded,
    VariantPriced,
    VariantRemoved,
)
from domain.shared.ids import CategoryId, ProductId, Sku
from domain.shared.money import Money
from infra.projections.tables import SchemaTables
from projections import category_listings, dated_prices, product_catalogue, product_listings
from projections.engine.paging import Place, Window
from projections.product_catalogue import PROJECTION
from projections.product_listings import Filter, Sort
from tests.support.builders.catalogue import LONG_AGO, on_sale
from tests.support.builders.event_log_builder import NOON, Log, build, feed, rows

# The driver reads -infinity and infinity without a zone.
ALWAYS, FOR_EVER = (time.replace(tzinfo=None) for time in (dated_prices.ALWAYS, dated_prices.FOR_EVER))
TOMORROW = NOON + timedelta(days=1)
FOOD, DAIRY = CategoryId("FOOD"), CategoryId("DAIRY")


def priced(product: str, sku: str, cents: int, since: datetime = LONG_AGO) -> VariantPriced:
    return VariantPriced(product_id=ProductId(product), sku=Sku(sku), price=Money(cents, "USD"), valid_from=since)


def shop() -> Log:
    log = Log()
    log.tell(
        CategoryCreated(category_id=FOOD, name="Food", parent_id=None),
        CategoryCreated(category_id=DAIRY, name="Dairy", parent_id=FOOD),
    )
    on_sale(log, "MILK", 99, title="Whole milk", brand="National", category="DAIRY")
    on_sale(log, "SOAP", 250, title="Hand soap", brand="Private")
    on_sale(log, "BREAD", 250, title="Bread, whole grain", brand="Private", category="FOOD")
    on_sale(log, "BRIE", 480, title="Brie", brand="National", category="DAIRY")
    return log


async def ids(
    tables: SchemaTables, wanted: Filter | None = None, sort: Sort = Sort.TITLE, at: datetime = NOON
) -> list[str]:
    page = await product_listings.listed(tables, wanted or Filter(), sort, Window(size=100), at)
    return [entry.product_id for _, entry in page.items]


async def test_what_was_removed_is_in_no_row(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    milk = ProductId("MILK")
    on_sale(log, "MILK", 99, title="Whole milk")
    log.tell(
        VariantAdded(product_id=milk, sku=Sku("MILK-2"), options=(("size", "pint"),), base_quantity=1),
        priced("MILK", "MILK-2", 50),
        priced("MILK", "MILK-1", 120, TOMORROW),
        MediaAttached(product_id=milk, url="https://a.example/", alt="Milk"),
    )
    await feed(tables, PROJECTION, log.recorded)
    assert [tuple(row) for row in await tables.fetch("select sku, valid_from, amount from {s}.planned_prices")] == [
        ("MILK-1", TOMORROW, 120)
    ]
    gone = log.tell(
        VariantRemoved(product_id=milk, sku=Sku("MILK-2")),
        PriceWithdrawn(product_id=milk, sku=Sku("MILK-1"), valid_from=TOMORROW),
        MediaRemoved(product_id=milk, url="https://a.example/"),
    )
    await feed(tables, PROJECTION, gone)
    assert [row["sku"] for row in await tables.fetch("select sku from {s}.skus")] == ["MILK-1"]
    assert await tables.fetch("select sku from {s}.planned_prices") == []
    assert [(row["amount"], row["media"]) for row in await tables.fetch("select amount, media from {s}.listings")] == [
        (99, "[]")
    ]


async def test_a_published_product_is_listed_with_its_lowest_price(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    on_sale(log, "MILK", 199, title="Milk", brand="National", category="DAIRY")
    log.tell(
        VariantAdded(product_id=ProductId("MILK"), sku=Sku("MILK-2"), options=(("size", "pint"),), base_quantity=1),
        priced("MILK", "MILK-2", 99),
    )
    await feed(tables, PROJECTION, log.recorded)
    assert await rows(tables, "listings") == [
        ("", "MILK", ALWAYS, FOR_EVER, "Milk", "milk", "National", "DAIRY", 5, 99, "USD", "[]", "'milk':1"),
    ]
    assert await rows(tables, "skus") == [("MILK-1", "MILK"), ("MILK-2", "MILK")]
    by_sku = await product_catalogue.by_skus(tables, [Sku("MILK-2"), Sku("NONE")])
    assert {sku: entry.product_id for sku, entry in by_sku.items()} == {"MILK-2": "MILK"}


async def test_what_is_not_on_sale_is_not_listed(connection: asyncpg.Connection) -> None:
    log, tables = shop(), await build(connection, PROJECTION)
    log.tell(
        ProductDrafted(product_id=ProductId("DRAFT"), title="Draft", description="", brand=""),
        ProductUnpublished(product_id=ProductId("SOAP"), reason="recall"),
        ProductDiscontinued(product_id=ProductId("BRIE"), reason="out of range"),
    )
    await feed(tables, PROJECTION, log.recorded)
    assert await ids(tables) == ["BREAD", "MILK"]
    assert set(await product_catalogue.by_ids(tables, [ProductId("DRAFT"), ProductId("SOAP")])) == {"DRAFT", "SOAP"}


@pytest.mark.parametrize("size", [1, 3, 1000])
async def test_the_same_log_makes_the_same_rows_in_batches_of_any_size(
    connection: asyncpg.Connection, size: int
) -> None:
    log = shop()
    log.tell(
        priced("MILK", "MILK-1", 120, TOMORROW),
        CategoryMoved(category_id=DAIRY, parent_id=None),
        priced("SOAP", "SOAP-1", 80),
        ProductDescribed(product_id=ProductId("SOAP"), title="Soap", description="", brand="National"),
    )
    whole, parts = await build(connection, PROJECTION, "whole"), await build(connection, PROJECTION, "parts")
    await feed(whole, PROJECTION, log.recorded)
    await feed(parts, PROJECTION, log.recorded, size)
    for table in PROJECTION.tables:
        order = "1, 2, 3" if table == "listings" else "1, 2"
        columns = [tuple(map(str, row)) for row in await rows(whole, table, order)]
        assert columns
        assert columns == [tuple(map(str, row)) for row in await rows(parts, table, order)]


async def test_a_price_does_not_show_before_its_time(connection: asyncpg.Connection) -> None:
    log, tables = shop(), await build(connection, PROJECTION)
    log.tell(priced("MILK", "MILK-1", 999, TOMORROW))
    await feed(tables, PROJECTION, log.recorded)
    assert await ids(tables, sort=Sort.CHEAPEST) == ["MILK", "BREAD", "SOAP", "BRIE"]
    assert await ids(tables, sort=Sort.CHEAPEST, at=TOMORROW - timedelta.resolution) == [
        "MILK",
        "BREAD",
        "SOAP",
        "BRIE",
    ]
    assert await ids(tables, sort=Sort.CHEAPEST, at=TOMORROW) == ["BREAD", "SOAP", "BRIE", "MILK"]
    assert await ids(tables, Filter(price_from=900), at=NOON) == []
    assert await ids(tables, Filter(price_from=900), at=TOMORROW) == ["MILK"]


async def test_a_price_that_was_replaced_leaves_the_listings(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    on_sale(log, "MILK", 99, title="Milk")
    log.tell(priced("MILK", "MILK-1", 89, NOON), priced("MILK", "MILK-1", 109, TOMORROW))
    await feed(tables, PROJECTION, log.recorded)
    assert [(row[2], row[3], row[9]) for row in await rows(tables, "listings")] == [
        (ALWAYS, TOMORROW, 89),
        (TOMORROW, FOR_EVER, 109),
    ]


async def test_a_moved_category_takes_what_is_below_to_other_shelves(connection: asyncpg.Connection) -> None:
    log, tables = shop(), await build(connection, PROJECTION)
    await feed(tables, PROJECTION, log.recorded)
    assert await ids(tables, Filter(category_id=FOOD)) == ["BREAD", "BRIE", "MILK"]
    moved = Log(log.recorded)
    before = len(log.recorded)
    moved.tell(CategoryMoved(category_id=DAIRY, parent_id=None))
    await feed(tables, PROJECTION, moved.recorded[before:])
    assert await ids(tables, Filter(category_id=FOOD)) == ["BREAD"]
    assert await ids(tables, Filter(category_id=DAIRY)) == ["BRIE", "MILK"]
    again = await build(connection, PROJECTION, "again")
    await feed(again, PROJECTION, moved.recorded)
    assert await rows(tables, "listings", "1, 2, 3") == await rows(again, "listings", "1, 2, 3")


async def test_questions_asked_together_have_the_answers_they_have_alone(connection: asyncpg.Connection) -> None:
    log, tables = shop(), await build(connection, PROJECTION)
    for number in range(9):
        on_sale(log, f"P{number}", 100 + number % 3, title=f"Title {number % 2}", category="DAIRY")
    await feed(tables, PROJECTION, log.recorded)
    wanted = [Filter(), Filter(category_id=FOOD), Filter(category_id=DAIRY, price_from=101), Filter(price_to=101)]
    places: dict[Sort, Place | None] = dict.fromkeys(Sort)
    for _ in range(3):
        asked = [
            (it, sort, Window(size=size, after=place))
            for it, size, (sort, place) in product(wanted, (1, 3, 100), places.items())
        ]
        alone = [await product_listings.listed(tables, it, sort, window, NOON) for it, sort, window in asked]
        leaves = [category_listings.listing_request(it, sort, window, NOON) for it, sort, window in asked]
        plain = [page for page, leaf in zip(alone, leaves, strict=True) if leaf]
        assert await category_listings.listings(tables, [leaf for leaf in leaves if leaf]) == plain
        assert [sort for (_, sort, _), leaf in zip(asked, leaves, strict=True) if not leaf] == [
            Sort.TITLE,
            Sort.NEWEST,
        ] * 2 * 3
        places = {sort: page.items[-1][0] for sort, page in zip(Sort, alone[len(Sort) : 2 * len(Sort)], strict=True)}


FILTERS = [
    (Filter(category_id=FOOD), ["BREAD", "BRIE", "MILK"]),
    (Filter(category_id=DAIRY), ["BRIE", "MILK"]),
    (Filter(category_id=CategoryId("NONE")), []),
    (Filter(brand="Private"), ["BREAD", "SOAP"]),
    (Filter(price_from=99, price_to=250), ["BREAD", "SOAP", "MILK"]),
    (Filter(price_from=251), ["BRIE"]),
    (Filter(text="who"), ["BREAD", "MILK"]),
    (Filter(text="GRAIN bread"), ["BREAD"]),
    (Filter(text="ilk"), []),
    (Filter(text="'&| !:*"), ["BREAD", "BRIE", "SOAP", "MILK"]),
    (Filter(text="m", brand="National", category_id=FOOD, price_to=100), ["MILK"]),
]


async def test_filters_leave_what_is_wanted(connection: asyncpg.Connection) -> None:
    tables = await build(connection, PROJECTION)
    await feed(tables, PROJECTION, shop().recorded)
    for wanted, found in FILTERS:
        assert (wanted, await ids(tables, wanted)) == (wanted, found)
        assert (wanted, await product_listings.count(tables, wanted, NOON)) == (wanted, len(found))


async def test_newest_is_what_was_published_last(connection: asyncpg.Connection) -> None:
    log, tables = shop(), await build(connection, PROJECTION)
    log.tell(
        ProductUnpublished(product_id=ProductId("SOAP"), reason="recall"),
        ProductPublished(product_id=ProductId("SOAP")),
    )
    await feed(tables, PROJECTION, log.recorded)
    assert await ids(tables, sort=Sort.NEWEST) == ["SOAP", "BRIE", "BREAD", "MILK"]


@pytest.mark.parametrize("sort", Sort)
async def test_leafing_shows_each_product_once_in_order(connection: asyncpg.Connection, sort: Sort) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    for number in range(7):
        on_sale(log, f"P{number}", 100 + number % 3, title=f"Title {number % 2}")
    await feed(tables, PROJECTION, log.recorded)
    everything = await ids(tables, sort=sort)
    assert sorted(everything) == [f"P{number}" for number in range(7)]
    for size in (1, 2, 3, 7):
        assert await leafed(tables, sort, size, backwards=False) == everything
        assert await leafed(tables, sort, size, backwards=True) == everything


@pytest.mark.parametrize("sort", Sort)
async def test_the_order_does_not_follow_from_the_index_that_was_read(
    connection: asyncpg.Connection, sort: Sort
) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    for number in (3, 6, 0, 5, 2, 4, 1):
        on_sale(log, f"P{number}", 100 + number % 3, title=f"Title {number % 2}")
    await feed(tables, PROJECTION, log.recorded)
    everything = await ids(tables, sort=sort)
    await connection.execute("set enable_indexscan = off; set enable_indexonlyscan = off; set enable_bitmapscan = off")
    seen, place, more = list[str](), None, True
    while more:
        request = category_listings.listing_request(Filter(), sort, Window(size=2, after=place), NOON)
        assert request is not None
        (page,) = await category_listings.listings(tables, [request])
        seen += [entry.product_id for _, entry in page.items]
        place, more = page.items[-1][0], page.more_after
    assert seen == everything


async def leafed(tables: SchemaTables, sort: Sort, size: int, *, backwards: bool) -> list[str]:
    """Every product id, page by page, in the order of the list."""
    seen: list[str] = []
    place: Place | None = None
    while True:
        window = Window(
            size=size, backwards=backwards, after=None if backwards else place, before=place if backwards else None
        )
        page = await product_listings.listed(tables, Filter(), sort, window, NOON)
        there = [entry.product_id for _, entry in page.items]
        assert set(there).isdisjoint(seen)
        seen = [*there, *seen] if backwards else [*seen, *there]
        place = page.items[0 if backwards else -1][0]
        if not (page.more_before if backwards else page.more_after):
            return seen


async def test_counting_ends_where_nobody_reads_on(
    connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = await build(connection, PROJECTION)
    await feed(tables, PROJECTION, shop().recorded)
    monkeypatch.setattr(product_listings, "COUNTED_TO", 2)
    assert await product_listings.count(tables, Filter(), NOON) == 3
