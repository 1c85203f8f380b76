"""What every search engine does, whatever it is made of."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.category.events import CategoryMoved, CategoryRenamed
from domain.product.events import ProductDescribed, ProductUnpublished
from domain.shared.ids import CategoryId, OrderId, ProductId, Sku, Warehouse
from domain.stock.events import StockReserved
from projections.search.question import LONGEST_TERM, Sort
from tests.support.builders.catalogue import on_sale, price
from tests.support.builders.shelf import GOODS, LATER, Shelf, ids, stock

RELEVANT: list[tuple[str, list[str]]] = [
    ("kettle-1", ["KETTLE"]),
    ("KETTLE-1", ["KETTLE"]),
    ("chocolate", ["CHOC", "CHOCMILK", "CHOCBAR"]),
    ("Chocolate milk", ["CHOCMILK"]),
    ("milk", ["CHOCMILK", "OATMILK", "MILK"]),
    ("frozen", ["SPINACH", "PIZZA"]),
    ("creme brulee", ["BRULEE"]),
    ("CRÈME BRÛLÉE!", ["BRULEE"]),
    ("toasters", ["TOASTER"]),
    ("hazelnut", ["CHOCBAR"]),
    ("television", ["TELLY"]),
    ("soda", ["COLA"]),
    ("biscuits", ["COOKIES"]),
    ("volt tv", ["TELLY"]),
    ("fizz", ["LEMONADE", "COLA"]),
    ("sweets", ["CHOC", "BRULEE", "COOKIES", "CHOCBAR"]),
    ("2 l", ["MILK"]),
    ("unheard", []),
    ("!!!", []),
]


async def test_exact_names_come_first_then_beginnings_then_words(shelf: Shelf) -> None:
    for term, expected in RELEVANT:
        found = await shelf.found(term)
        assert (term, ids(found), found.corrected) == (term, expected, None)
        assert found.counts is not None
        assert found.counts.total == len(expected)


async def test_a_sku_comes_before_a_title_that_is_the_same_word(shelf: Shelf) -> None:
    on_sale(shelf.log, "CUP", 100, title="Cup")
    on_sale(shelf.log, "TITLE", 100, title="CUP-1")
    await shelf.settle()
    assert (await shelf.ids("cup-1"))[0] == "CUP"


async def test_apostrophes_are_alike(shelf: Shelf) -> None:
    for number, title in enumerate(("Ben's cream", "Ben‘s cream", "Ben’s cream", "Ben＇s cream", "Ben´s cream")):
        on_sale(shelf.log, f"BEN{number}", 100, title=title)
    on_sale(shelf.log, "BEN5", 100, title="Ben`s cream")
    on_sale(shelf.log, "BEN6", 100, title="Ben′s cream")
    await shelf.settle()
    everyone = {f"BEN{number}" for number in range(7)}
    for mark in ("'", "‘", "’", "＇", "´", "`", "′", ""):
        assert set(await shelf.ids(f"ben{mark}s")) == everyone, mark


MISTYPED: list[tuple[str, str, list[str]]] = [
    ("choclate", "chocolate", ["CHOC", "CHOCMILK", "CHOCBAR"]),
    ("mlik", "milk", ["CHOCMILK", "OATMILK", "MILK"]),
    ("choclate mlik", "chocolate milk", ["CHOCMILK"]),
    ("frozzen piza", "frozen pizza", ["PIZZA"]),
    ("lemmonade", "lemonade", ["LEMONADE"]),
]


async def test_typing_errors_are_mended_and_told(shelf: Shelf) -> None:
    for term, corrected, expected in MISTYPED:
        found = await shelf.found(term)
        assert (term, found.corrected, ids(found)) == (term, corrected, expected)


async def test_what_is_typed_halfway_is_found_by_its_beginning(shelf: Shelf) -> None:
    assert await shelf.ids("frozen marg") == ["PIZZA"]
    assert await shelf.ids("lemona") == ["LEMONADE"]


async def test_when_not_all_words_are_known_the_best_of_the_others_are_found(shelf: Shelf) -> None:
    found = await shelf.found("chocolate bar unicorns")
    assert ids(found)[0] == "CHOCBAR"
    assert set(ids(found)) == {"CHOCBAR", "CHOC", "CHOCMILK"}
    other = await shelf.found("telle milk")
    assert (ids(other), other.corrected) == (["CHOCMILK", "OATMILK", "MILK"], None)
    assert (await shelf.found("telle keetle mugg")).corrected is not None


async def test_what_is_sold_out_stands_last_among_its_equals(shelf: Shelf) -> None:
    for name in ("A", "B", "C"):
        on_sale(shelf.log, name, 100, title=f"Blue towel {name}")
        if name != "A":
            stock(shelf.log, name, 1)
    await shelf.settle()
    assert await shelf.ids("towel") == ["B", "C", "A"]
    shelf.log.tell(
        StockReserved(sku=Sku("B-1"), warehouse=Warehouse("MAIN"), order_id=OrderId("o"), quantity=1, expires_at=LATER),
        stream="stock-B",
    )
    stock(shelf.log, "A", 1)
    await shelf.settle()
    assert await shelf.ids("towel") == ["A", "C", "B"]
    assert await shelf.ids("towel", available=False) == ["B"]


FILTERED: list[tuple[dict[str, Any], list[str]]] = [
    ({"category": "FOOD"}, ["BRULEE", "CHOC", "CHOCBAR", "CHOCMILK", "COOKIES", "MILK", "OATMILK", "PIZZA", "SPINACH"]),
    ({"category": "DRINKS"}, ["COLA", "LEMONADE"]),
    ({"category": "NONE"}, []),
    ({"brands": ["Fizz", "Forno"]}, ["COLA", "LEMONADE", "PIZZA"]),
    ({"brands": []}, []),
    ({"price_from": 549, "price_to": 4999}, ["KETTLE", "MUG", "PIZZA", "TOASTER"]),
    ({"available": False}, ["CHOCBAR", "TOASTER"]),
    ({"category": "HOUSEHOLD", "brands": ["Volt"], "price_to": 5000, "available": True}, ["KETTLE"]),
]


async def test_without_a_term_filters_alone_decide(shelf: Shelf) -> None:
    for wanted, expected in FILTERED:
        assert (wanted, sorted(await shelf.ids(**wanted))) == (wanted, expected)


async def test_numbers_tell_how_much_there_is_of_everything(shelf: Shelf) -> None:
    counts = (await shelf.found("milk")).counts
    assert counts is not None
    assert (counts.total, counts.categories, counts.brands) == (3, {"FOOD": 3}, {"Valley": 2, "Cocoa": 1})
    assert (counts.prices, counts.available) == ({100: 2, 200: 1}, {True: 3})


async def test_a_filter_narrows_all_numbers_but_its_own(shelf: Shelf) -> None:
    counts = (await shelf.found(category="HOUSEHOLD", brands=["Volt"], available=True)).counts
    assert counts is not None
    assert counts.total == 2
    assert counts.categories == {}
    assert counts.brands == {"Volt": 2}
    assert counts.prices == {2000: 1, 10_000: 1}
    assert counts.available == {True: 2, False: 1}


async def test_a_chosen_category_is_gone_into(shelf: Shelf) -> None:
    counts = (await shelf.found(category="FOOD", price_to=200)).counts
    assert counts is not None
    assert counts.categories == {"FRESH": 2, "SWEETS": 2}
    assert counts.prices == {0: 1, 100: 3, 200: 4, 500: 1}


async def test_leafing_shows_each_hit_once_in_order(shelf: Shelf) -> None:
    for term, hits in (("", len(GOODS)), ("chocolate", 3), ("chocolate frozen unheard", 5)):
        for sort in Sort:
            whole = await shelf.ids(term, sort=sort)
            assert len(set(whole)) == len(whole) == hits
            for size in (1, 2, 4):
                assert (sort, [it async for page in shelf.leafed(term, sort, size) for it in page]) == (sort, whole)


async def test_lists_are_sorted_as_asked(shelf: Shelf) -> None:
    assert await shelf.ids("chocolate", sort=Sort.CHEAPEST) == ["CHOC", "CHOCBAR", "CHOCMILK"]
    assert await shelf.ids("chocolate", sort=Sort.DEAREST) == ["CHOCMILK", "CHOCBAR", "CHOC"]
    assert await shelf.ids("chocolate", sort=Sort.TITLE) == ["CHOC", "CHOCBAR", "CHOCMILK"]
    assert await shelf.ids("chocolate", sort=Sort.NEWEST) == ["CHOCBAR", "CHOC", "CHOCMILK"]


async def test_a_hit_is_the_whole_product(shelf: Shelf) -> None:
    [(_, entry)] = (await shelf.found("KETTLE-1")).page.items
    assert (entry.product.title, entry.product.brand, list(entry.product.variants)) == ("Kettle", "Volt", ["KETTLE-1"])


async def test_what_changes_is_found_by_what_it_is_now(shelf: Shelf) -> None:
    shelf.log.tell(
        ProductDescribed(product_id=ProductId("MUG"), title="Beaker", description="", brand="Clay"),
        ProductUnpublished(product_id=ProductId("KETTLE"), reason="recall"),
        CategoryRenamed(category_id=CategoryId("DRINKS"), name="Refreshments"),
        CategoryMoved(category_id=CategoryId("FROZEN"), parent_id=CategoryId("HOUSEHOLD")),
    )
    await shelf.settle()
    assert await shelf.ids("mug") == []
    assert await shelf.ids("beaker") == ["MUG"]
    assert await shelf.ids("kettle") == []
    assert sorted(await shelf.ids("refreshment")) == ["COLA", "LEMONADE"]
    assert sorted(await shelf.ids(category="HOUSEHOLD")) == ["MUG", "PIZZA", "SPINACH", "TELLY", "TOASTER"]


async def test_a_price_counts_from_its_own_time_on(shelf: Shelf) -> None:
    price(shelf.log, "MUG", "MUG-1", 99, LATER + timedelta(seconds=1))
    price(shelf.log, "CHOC", "CHOC-1", 5_000, LATER)
    await shelf.settle()
    assert sorted(await shelf.ids(price_from=799, price_to=799)) == ["MUG"]
    assert sorted(await shelf.ids(price_from=4_999, price_to=5_000)) == ["CHOC", "TOASTER"]
    price(shelf.log, "MUG", "MUG-1", 300, LATER)
    await shelf.settle()
    assert sorted(await shelf.ids(price_from=300, price_to=300)) == ["MUG"]


async def test_beginnings_are_completed(shelf: Shelf) -> None:
    assert (await shelf.engine.complete("choc", 3))[0] == "Chocolate"
    assert set(await shelf.engine.complete("choc", 5)) == {
        "Chocolate",
        "Chocolate milk",
        "Chocolate bar with hazelnuts",
    }
    assert await shelf.engine.complete("frozen piz", 5) == ["Frozen pizza margherita"]
    assert await shelf.engine.complete("crème", 5) == ["Crème brûlée"]
    assert await shelf.engine.complete("house", 5) == ["Household"]
    assert await shelf.engine.complete("f", 5) == []
    assert await shelf.engine.complete("", 5) == []
    assert len(await shelf.engine.complete("fr", 1)) == 1


ODD = st.text(max_size=LONGEST_TERM) | st.text("'\"\\%_*&|!():<>-+~^/ \tabcé0.", max_size=LONGEST_TERM)
MILK = ["milk & ! |", "milk:*", "milk\0", "(milk)", "milk\\", "MILK?", "'milk'", "-milk +"]
NOTHING = ["m%lk_", "\u202e", "''", "\\"]
ANYTHING = ["milk') or true --", "ﷺ" * LONGEST_TERM, "a " * 100, "x" * LONGEST_TERM, "*", "/.*/", "1.5.2 -3 +4e5"]


@given(term=ODD)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
async def test_whatever_is_typed_is_answered(shelf: Shelf, term: str) -> None:
    await shelf.found(term, size=3)
    await shelf.engine.complete(term, 3)


async def test_characters_of_query_languages_mean_nothing(shelf: Shelf) -> None:
    for term in MILK:
        assert (term, await shelf.ids(term)) == (term, ["CHOCMILK", "OATMILK", "MILK"])
    for term in NOTHING:
        assert (term, await shelf.ids(term)) == (term, [])
    for term in ANYTHING:
        await shelf.found(term)
        await shelf.engine.complete(term, 3)
