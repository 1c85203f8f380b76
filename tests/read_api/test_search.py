"""Search over GraphQL, on the default engine."""

from typing import Any

import pytest

from domain.product.events import ProductDescribed
from domain.shared.ids import ProductId
from tests.support.builders.shelf import stocked
from tests.support.harness.read_side import Asker, ReadSide

SCREEN = """
query ($term: String, $filter: SearchFilter, $sort: SearchSort, $first: Int, $after: String) {
  search(term: $term, filter: $filter, sort: $sort, first: $first, after: $after) {
    edges { cursor node { productId title price { amount } } }
    pageInfo { hasNextPage endCursor }
    didYouMean engine fallback
    ...Numbers
  }
}
fragment Numbers on SearchConnection {
  total { atLeast exact }
  facets {
    categories { categoryId count category { name } }
    brands { brand count }
    prices { minPrice maxPrice count }
    availability { available soldOut }
  }
}
"""


def ids(data: Any) -> list[str]:
    return [edge["node"]["productId"] for edge in data["search"]["edges"]]


async def test_a_screen_of_search_is_one_statement_and_one_for_names_of_categories(shop: ReadSide) -> None:
    stocked(shop.log)
    await shop.catch_up()
    shop.models.statements.clear()
    found = (await shop.ask(SCREEN, term="chocolate"))["search"]
    assert len(shop.models.statements) == 2
    del found["pageInfo"]
    assert [edge.pop("cursor") != "" for edge in found["edges"]] == [True] * 3
    assert found == {
        "edges": [
            {"node": {"productId": "CHOC", "title": "Chocolate", "price": {"amount": 99}}},
            {"node": {"productId": "CHOCMILK", "title": "Chocolate milk", "price": {"amount": 159}}},
            {"node": {"productId": "CHOCBAR", "title": "Chocolate bar with hazelnuts", "price": {"amount": 149}}},
        ],
        "didYouMean": None,
        "engine": "POSTGRESQL",
        "fallback": None,
        "total": {"atLeast": 3, "exact": True},
        "facets": {
            "categories": [{"categoryId": "FOOD", "count": 3, "category": {"name": "Food"}}],
            "brands": [{"brand": "Cocoa", "count": 3}],
            "prices": [
                {"minPrice": 0, "maxPrice": 99, "count": 1},
                {"minPrice": 100, "maxPrice": 199, "count": 2},
            ],
            "availability": {"available": 2, "soldOut": 1},
        },
    }


async def test_numbers_that_nobody_asks_for_are_not_counted(shop: ReadSide) -> None:
    stocked(shop.log)
    await shop.catch_up()
    shop.models.statements.clear()
    assert ids(await shop.ask('{ search(term: "milk", first: 1) { edges { node { productId } } } }')) == ["CHOCMILK"]
    assert ["width_bucket" in statement for statement in shop.models.statements] == [False]


async def test_filters_sort_and_cursors_go_together(shop: ReadSide) -> None:
    stocked(shop.log)
    await shop.catch_up()
    wanted = {"category": "FOOD", "brands": ["Cocoa"], "minPrice": 99, "maxPrice": 159, "available": True}
    first = await shop.ask(SCREEN, term="chocolate", filter=wanted, sort="DEAREST", first=1)
    assert (ids(first), first["search"]["pageInfo"]["hasNextPage"]) == (["CHOCMILK"], True)
    place = first["search"]["pageInfo"]["endCursor"]
    second = await shop.ask(SCREEN, term="chocolate", filter=wanted, sort="DEAREST", first=1, after=place)
    assert (ids(second), second["search"]["pageInfo"]["hasNextPage"]) == (["CHOC"], False)
    assert await shop.refused(SCREEN, term="chocolate", sort="CHEAPEST", after=place) == (200, ["BAD_USER_INPUT"])


async def test_a_typing_error_is_mended_and_told_in_three_statements(shop: ReadSide) -> None:
    stocked(shop.log)
    await shop.catch_up()
    shop.models.statements.clear()
    found = await shop.ask(SCREEN, term="choclate mlik")
    assert (ids(found), found["search"]["didYouMean"]) == (["CHOCMILK"], "chocolate milk")
    assert ["{s}.cuts" in statement for statement in shop.models.statements][:3] == [False, True, False]
    assert sum("{s}.entries" in statement for statement in shop.models.statements) == 2


async def test_beginnings_are_completed(shop: ReadSide) -> None:
    stocked(shop.log)
    await shop.catch_up()
    assert await shop.ask('{ autocomplete(text: "choc", first: 2) }') == {
        "autocomplete": ["Chocolate", "Chocolate milk"]
    }


async def test_a_search_that_names_a_position_sees_what_was_written_there(shop: ReadSide) -> None:
    stocked(shop.log)
    await shop.catch_up()
    shop.log.tell(ProductDescribed(product_id=ProductId("MUG"), title="Beaker", description="", brand=""))
    position = await shop.catch_up()
    query = 'query ($at: Position!) @after(position: $at) { search(term: "beaker") { edges { node { title } } } }'
    assert (await shop.ask(query, at=str(position)))["search"]["edges"] == [{"node": {"title": "Beaker"}}]


@pytest.mark.parametrize(
    "arguments",
    [
        f'term: "{"x" * 10_000}"',
        "first: 0",
        "first: 101",
        'after: "nonsense"',
        "filter: {brands: [" + '"x",' * 51 + "]}",
    ],
)
async def test_odd_questions_are_refused(shop: ReadSide, arguments: str) -> None:
    await shop.catch_up()
    assert await shop.refused(f"{{ search({arguments}) {{ edges {{ cursor }} }} }}") == (200, ["BAD_USER_INPUT"])


async def test_a_shop_without_goods_finds_nothing(empty: Asker) -> None:
    assert await empty.refused(f'{{ autocomplete(text: "{"x" * 201}") }}') == (200, ["BAD_USER_INPUT"])
    assert await empty.refused('{ autocomplete(text: "ab", first: 21) }') == (200, ["BAD_USER_INPUT"])
    assert await empty.ask('{ autocomplete(text: "ab") }') == {"autocomplete": []}


async def test_a_hit_tells_as_much_as_the_page_of_its_product(shop: ReadSide) -> None:
    told = """
        productId title description brand onSale price { amount currency formatted } media { url alt }
        variants { sku options { name value } baseQuantity price { amount } inStock } category { categoryId name }
    """
    stocked(shop.log)
    await shop.catch_up()
    page = await shop.ask(f'{{ product(id: "KETTLE") {{ {told} }} }}')
    shop.models.statements.clear()
    found = await shop.ask(f'{{ search(term: "KETTLE-1", first: 1) {{ edges {{ node {{ {told} }} }} }} }}')
    assert found["search"]["edges"] == [{"node": page["product"]}]
    assert [statement for statement in shop.models.statements if "{s}.products where" in statement] == []


async def test_the_largest_page_with_all_numbers_is_within_the_limits(shop: ReadSide) -> None:
    stocked(shop.log)
    await shop.catch_up()
    assert len(ids(await shop.ask(SCREEN, first=100))) == 15
