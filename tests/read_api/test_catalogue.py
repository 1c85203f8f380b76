"""Products, lists and categories, as anybody may see them."""

from datetime import timedelta
from typing import Any

import pytest

from domain.category.events import CategoryDeleted
from domain.product.events import MediaAttached, ProductUnpublished, VariantAdded
from domain.shared.ids import CategoryId, ProductId, Sku, Warehouse
from domain.stock.events import StockReceived
from tests.support.builders.catalogue import category, on_sale, price
from tests.support.harness.read_side import LATER, Asker, ReadSide, token

PAGE = """
query ($id: ID, $sku: ID) {
  product(id: $id, sku: $sku) {
    id productId title description brand onSale
    price { amount currency formatted }
    variants { sku options { name value } baseQuantity price { amount } inStock }
    media { url alt }
    category { categoryId name parent { name } path { name } children { name } }
  }
}
"""


def grocery(shop: ReadSide) -> None:
    category(shop.log, "Food")
    category(shop.log, "Dairy", "Food")
    category(shop.log, "Cheese", "Dairy")
    on_sale(shop.log, "MILK", 99, title="Whole milk", brand="National", category="DAIRY")
    on_sale(shop.log, "SOAP", 250, title="Hand soap", brand="Private")
    on_sale(shop.log, "BRIE", 480, title="Brie", brand="National", category="CHEESE")


async def test_a_product_page_is_complete(shop: ReadSide) -> None:
    grocery(shop)
    shop.log.tell(StockReceived(sku=Sku("MILK-1"), warehouse=Warehouse("MAIN"), quantity=3))
    await shop.catch_up()
    by_id = await shop.ask(PAGE, id="MILK")
    assert by_id["product"] == {
        "id": "UHJvZHVjdDpNSUxL",
        "productId": "MILK",
        "title": "Whole milk",
        "description": "All about Whole milk.",
        "brand": "National",
        "onSale": True,
        "price": {"amount": 99, "currency": "USD", "formatted": "0.99 USD"},
        "variants": [
            {
                "sku": "MILK-1",
                "options": [{"name": "size", "value": "one"}],
                "baseQuantity": 1,
                "price": {"amount": 99},
                "inStock": True,
            }
        ],
        "media": [],
        "category": {
            "categoryId": "DAIRY",
            "name": "Dairy",
            "parent": {"name": "Food"},
            "path": [{"name": "Food"}, {"name": "Dairy"}],
            "children": [{"name": "Cheese"}],
        },
    }
    assert await shop.ask(PAGE, sku="MILK-1") == by_id
    assert await shop.ask(PAGE, id="UHJvZHVjdDpNSUxL") == by_id
    node = await shop.ask('{ node(id: "UHJvZHVjdDpNSUxL") { id ... on Product { title } } }')
    assert node == {"node": {"id": "UHJvZHVjdDpNSUxL", "title": "Whole milk"}}


async def test_what_there_is_not_is_null(empty: Asker) -> None:
    assert await empty.ask('{ product(id: "NONE") { title } category(id: "NONE") { name } categories { name } }') == {
        "product": None,
        "category": None,
        "categories": [],
    }


@pytest.mark.parametrize("arguments", ["", '(id: "A", sku: "B")'])
async def test_a_product_is_named_one_way(empty: Asker, arguments: str) -> None:
    assert await empty.refused(f"{{ product{arguments} {{ title }} }}") == (200, ["BAD_USER_INPUT"])


async def test_what_is_not_on_sale_is_for_the_back_office(shop: ReadSide) -> None:
    grocery(shop)
    shop.log.tell(ProductUnpublished(product_id=ProductId("SOAP"), reason="recall"))
    await shop.catch_up()
    query = '{ product(id: "SOAP") { title onSale } node(id: "UHJvZHVjdDpTT0FQ") { id } }'
    assert await shop.ask(query) == {"product": None, "node": None}
    assert await shop.ask(query, token=token("anna", "shopper")) == {"product": None, "node": None}
    assert await shop.ask(query, token=token("bob", "back_office")) == {
        "product": {"title": "Hand soap", "onSale": False},
        "node": {"id": "UHJvZHVjdDpTT0FQ"},
    }


async def test_a_price_of_tomorrow_is_not_shown_today(shop: ReadSide) -> None:
    grocery(shop)
    price(shop.log, "MILK", "MILK-1", 999, LATER + timedelta(seconds=1))
    price(shop.log, "SOAP", "SOAP-1", 199, LATER)
    await shop.catch_up()
    query = "{ products(sort: CHEAPEST) { edges { node { title price { amount } variants { price { amount } } } } } }"
    assert [
        (node["title"], node["price"]["amount"], node["variants"][0]["price"]["amount"])
        for node in nodes(await shop.ask(query))
    ] == [("Whole milk", 99, 99), ("Hand soap", 199, 199), ("Brie", 480, 480)]


def nodes(data: Any) -> list[Any]:
    return [edge["node"] for edge in data["products"]["edges"]]


FILTERS: list[tuple[dict[str, object], list[str]]] = [
    ({}, ["BRIE", "SOAP", "MILK"]),
    ({"category": "FOOD"}, ["BRIE", "MILK"]),
    ({"category": "Q2F0ZWdvcnk6Q0hFRVNF"}, ["BRIE"]),
    ({"brand": "Private"}, ["SOAP"]),
    ({"minPrice": 100, "maxPrice": 479}, ["SOAP"]),
    ({"text": "who mi"}, ["MILK"]),
    ({"text": ""}, ["BRIE", "SOAP", "MILK"]),
]


async def test_lists_are_filtered_and_counted(shop: ReadSide) -> None:
    grocery(shop)
    await shop.catch_up()
    query = """query ($wanted: ProductFilter) {
        products(filter: $wanted) { total { atLeast exact } edges { node { productId } } }
    }"""
    for wanted, found in FILTERS:
        data = await shop.ask(query, wanted=wanted)
        assert (wanted, [node["productId"] for node in nodes(data)]) == (wanted, found)
        assert (wanted, data["products"]["total"]) == (wanted, {"atLeast": len(found), "exact": True})


LEAF = """query ($sort: ProductSort!, $first: Int, $after: String, $last: Int, $before: String) {
    products(sort: $sort, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { productId } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}"""


async def leaf(shop: ReadSide, sort: str, size: int, backwards: bool) -> list[str]:
    """Every product id, page by page, in the order of the list."""
    seen: list[str] = []
    place = None
    while True:
        if backwards:
            page = (await shop.ask(LEAF, sort=sort, last=size, before=place))["products"]
        else:
            page = (await shop.ask(LEAF, sort=sort, first=size, after=place))["products"]
        there, info = [edge["node"]["productId"] for edge in page["edges"]], page["pageInfo"]
        assert (info["startCursor"], info["endCursor"]) == (page["edges"][0]["cursor"], page["edges"][-1]["cursor"])
        assert info["hasNextPage" if backwards else "hasPreviousPage"] is (place is not None)
        assert set(there).isdisjoint(seen)
        seen = there + seen if backwards else seen + there
        place = info["startCursor" if backwards else "endCursor"]
        if not info["hasPreviousPage" if backwards else "hasNextPage"]:
            return seen


@pytest.mark.parametrize("sort", ["TITLE", "CHEAPEST", "DEAREST", "NEWEST"])
async def test_leafing_both_ways_shows_each_product_once(shop: ReadSide, sort: str) -> None:
    for number in range(7):
        on_sale(shop.log, f"P{number}", 100 + number % 3, title=f"Title {number % 2}")
    await shop.catch_up()
    everything = await leaf(shop, sort, 100, backwards=False)
    assert sorted(everything) == [f"P{number}" for number in range(7)]
    for size in (1, 2, 3, 7):
        assert await leaf(shop, sort, size, backwards=False) == everything
        assert await leaf(shop, sort, size, backwards=True) == everything


async def test_a_product_of_a_list_is_told_as_on_its_page(shop: ReadSide) -> None:
    grocery(shop)
    milk, cheap = ProductId("MILK"), Sku("MILK-2")
    shop.log.tell(
        MediaAttached(product_id=milk, url="https://shop.example/milk.png", alt="A bottle"),
        VariantAdded(product_id=milk, sku=cheap, options=(("size", "pint"),), base_quantity=1),
        StockReceived(sku=cheap, warehouse=Warehouse("MAIN"), quantity=1),
    )
    price(shop.log, "MILK", "MILK-2", 59)
    price(shop.log, "MILK", "MILK-2", 9, LATER + timedelta(days=1))
    await shop.catch_up()
    fields = "id" + PAGE.partition("    id")[2].rpartition("}\n}")[0]
    listed = nodes(await shop.ask(f"{{ products {{ edges {{ node {{ {fields} }} }} }} }}"))
    pages = [(await shop.ask(PAGE, id=it))["product"] for it in ("BRIE", "SOAP", "MILK")]
    assert listed == pages
    assert pages[2]["media"] == [{"url": "https://shop.example/milk.png", "alt": "A bottle"}]
    assert pages[2]["price"] == {"amount": 59, "currency": "USD", "formatted": "0.59 USD"}


async def test_two_products_cost_as_many_queries_as_one(shop: ReadSide) -> None:
    grocery(shop)
    await shop.catch_up()
    screen = """query ($first: Int) { products(first: $first) { edges { node {
        title price { formatted } variants { sku inStock } category { name parent { name } path { name } }
    } } } }"""

    async def statements(first: int) -> int:
        shop.models.statements.clear()
        assert len(nodes(await shop.ask(screen, first=first))) == first
        return len(shop.models.statements)

    assert [await statements(first) for first in (1, 2, 3)] == [5, 5, 5]
    shop.models.statements.clear()
    await shop.ask("{ products { edges { node { title brand onSale price { formatted } media { url } } } } }")
    assert len(shop.models.statements) == 1
    shop.models.statements.clear()
    await shop.ask("{ products { edges { node { title description variants { sku } } } } }")
    assert len(shop.models.statements) == 2
    shop.models.statements.clear()
    await shop.ask('{ a: product(id: "MILK") { title } b: product(id: "BRIE") { title } }')
    assert len(shop.models.statements) == 1


async def test_what_was_in_a_deleted_category_is_listed_above_it(shop: ReadSide) -> None:
    grocery(shop)
    shop.log.tell(CategoryDeleted(category_id=CategoryId("CHEESE")))
    await shop.catch_up()
    question = """{
        category(id: "CHEESE") { name } product(id: "BRIE") { category { name } }
        dairy: category(id: "DAIRY") { children { name } }
        products(filter: { category: "DAIRY" }) { edges { node { title category { name } } } }
    }"""
    assert await shop.ask(question) == {
        "category": None,
        "product": {"category": None},
        "dairy": {"children": []},
        "products": {
            "edges": [
                {"node": {"title": "Brie", "category": None}},
                {"node": {"title": "Whole milk", "category": {"name": "Dairy"}}},
            ]
        },
    }
