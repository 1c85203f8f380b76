"""Home, categories, search and products: what is asked for, and where links lead."""

import json
from typing import Any

import pytest
from starlette.datastructures import QueryParams

from tests.support.fixtures.pages import ADDRESS, Browser, browsing, data, failed, usd
from web.drawing.pictures import draw, picture_of
from web.ports import Filling, Shop
from web.storefront.listing import Wish
from web.texts.links import product_id_in, product_link

UUID = "0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69"
MUG = {
    "productId": "4711",
    "title": 'A mug </script><script>alert("x")',
    "brand": "Potters",
    "price": usd(1250),
    "category": {"categoryId": "cups", "name": "Cups", "path": [{"categoryId": "cups", "name": "Cups"}]},
}
FACETS = {
    "categories": [],
    "brands": [{"brand": "Potters", "count": 1_204}],
    "prices": [{"minPrice": 0, "maxPrice": 99, "count": 3}, {"minPrice": 2000, "maxPrice": None, "count": 1}],
    "availability": {"available": 2, "soldOut": 0},
}
FOUND: dict[str, Any] = {
    "didYouMean": None,
    "total": {"atLeast": 1_204, "exact": True},
    "pageInfo": {"hasNextPage": True, "endCursor": "c1"},
    "facets": FACETS,
    "edges": [{"node": MUG}],
}


@pytest.mark.parametrize(
    ("product_id", "title", "link"),
    [
        ("4711", "A mug, blue", "/p/a-mug-blue-4711"),
        (UUID, "Zürcher Kaffee & Tee", f"/p/zurcher-kaffee-tee-{UUID}"),
        ("my-odd-id", "A mug", "/p/-my-odd-id"),
        ("4711", "茶", "/p/-4711"),
    ],
)
def test_the_id_is_found_again_in_the_address(product_id: str, title: str, link: str) -> None:
    assert product_link({"productId": product_id, "title": title}) == link
    assert product_id_in(link.removeprefix("/p/")) == product_id


async def test_another_title_is_redirected_to_the_present_one(browser: Browser) -> None:
    browser.read.answers("Product", data(product={**MUG, "title": "A mug", "variants": [], "description": ""}))
    page = await browser.get("/p/an-old-name-4711")
    assert (page.status, page.location) == (301, "/p/a-mug-4711")
    assert (await browser.get("/p/a-mug-4711")).status == 200


async def test_a_product_shows_its_price_and_why(browser: Browser) -> None:
    variant = {"sku": "MUG", "baseQuantity": 1, "inStock": True, "options": [], "price": usd(1250)}
    prices = [
        {"validFrom": "2026-10-01T00:00:00Z", "price": usd(1000)},
        {"validFrom": "2026-11-03T00:00:00Z", "price": usd(1250)},
    ]
    product = {**MUG, "description": "", "variants": [{**variant, "prices": prices}]}
    browser.read.answers("Product", data(product=product))
    page = await browser.get(product_link(MUG))
    assert page.text("#price") == "$12.50"
    assert page.texts(".stub tr") == [
        "Price since 3 November 2026 $12.50",
        "Before, from 1 October 2026 $10.00",
        "You pay $12.50",
    ]
    (told,) = [json.loads(it.get_text()) for it in page.html.select("script[type='application/ld+json']")]
    assert (told["name"], told["offers"]["price"], told["offers"]["priceCurrency"]) == (MUG["title"], "12.50", "USD")
    assert page.response.text.count("alert(") == page.response.text.count("alert(&#34;") + 1


async def test_a_product_that_is_not_there_is_404(browser: Browser) -> None:
    browser.read.answers("Product", data(product=None))
    page = await browser.get("/p/a-mug-4711")
    assert (page.status, page.response.headers["cache-control"]) == (404, "no-store")


async def test_filters_are_in_the_address_and_in_the_query(browser: Browser) -> None:
    browser.read.answers("Listing", data(search=FOUND))
    page = await browser.get("/search?q=mug&brand=Potters&price=100-199&stock=in&sort=cheapest&after=c0")
    asked = browser.read.sent[-1].body
    assert asked is not None
    assert asked["variables"] == {
        "term": "mug",
        "filter": {"brands": ["Potters"], "minPrice": 100, "maxPrice": 199, "available": True},
        "sort": "CHEAPEST",
        "cursor": "c0",
    }
    links = {it.get_text(" ", strip=True): it["href"] for it in page.html.select(".facet a, .pages a, .sort a")}
    assert links["Potters 1,204"] == "/search?q=mug&price=100-199&stock=in&sort=cheapest"
    assert links["Under $1.00 3"] == "/search?q=mug&brand=Potters&stock=in&price=0-99&sort=cheapest"
    assert links["$20.00 and more 1"] == "/search?q=mug&brand=Potters&stock=in&price=2000-&sort=cheapest"
    assert links["Next page"] == "/search?q=mug&brand=Potters&price=100-199&stock=in&sort=cheapest&after=c1"
    assert links["Best match"] == "/search?q=mug&brand=Potters&price=100-199&stock=in"
    assert [it["content"] for it in page.html.select("meta[name=robots]")] == ["noindex"]


@pytest.mark.parametrize(
    "query", ["price=cheap", "price=1-x", "price=99999999999-", "price=-", "sort=worst", "stock=out"]
)
def test_what_makes_no_sense_in_an_address_is_left_out(query: str) -> None:
    assert Wish.of("/search", QueryParams(query)) == Wish.of("/search", QueryParams(""))


async def test_a_corrected_term_is_said(browser: Browser) -> None:
    browser.read.answers("Listing", data(search={**FOUND, "didYouMean": "mug"}))
    page = await browser.get("/search?q=mugg")
    assert page.text("h1") == "Results for “mug”"
    assert page.text("main > .note") == "Nothing matches “mugg”. These match “mug”."


async def test_completions_come_from_two_letters_on_and_may_fail(browser: Browser) -> None:
    browser.read.answers("Complete", data(autocomplete=["mug", '"><b>']))
    assert [it["value"] for it in (await browser.get("/_/complete?q=mu")).html.select("option")] == ["mug", '"><b>']
    browser.read.answers("Complete", failed("BUSY", "autocomplete"))
    assert (await browser.get("/_/complete?q=mu")).html.select("option") == []
    asked = len(browser.read.sent)
    assert (await browser.get("/_/complete?q=m")).html.select("option") == []
    assert len(browser.read.sent) == asked


async def test_popular_products_may_be_missing(browser: Browser) -> None:
    browser.read.answers("Home", failed("TOO_SLOW", "popular", products={"edges": [{"node": MUG}]}))
    page = await browser.get("/")
    assert (page.status, page.texts("main h2")) == (200, ["New in the shop"])


def test_a_picture_follows_from_what_the_product_is() -> None:
    apples = {
        "title": "Honeycrisp apples, 3 lb",
        "brand": "Orchard & Sons",
        "category": {"path": [{"name": "Produce"}]},
    }
    address = picture_of(apples)
    assert address.startswith("/art/fruit-")
    assert address.endswith(".svg?label=Orchard&size=3+lb")
    assert picture_of({**apples, "title": "Sponges"}).startswith("/art/box-")


def test_what_stands_on_a_picture_is_text() -> None:
    drawn = draw("box", 0, "<script>&\x00", "12 oz")
    assert "&lt;script&gt;&amp;</text>" in drawn


@pytest.mark.parametrize("path", ["/art/box-99.svg", "/art/horse-1.svg", "/art/box-x.svg"])
async def test_there_are_no_other_pictures(browser: Browser, path: str) -> None:
    assert (await browser.get(path)).status == 404


async def test_a_shop_that_is_being_filled_says_how_far_it_is() -> None:
    async def filling() -> Filling:
        return Filling(12_345, 92_331)

    async with browsing(Shop(address=ADDRESS), filling) as browser:
        browser.read.answers("Home", data(popular=[], products={"edges": []}))
        told = "The shop is being filled: 12,345 of 92,331 products are there. More come while you look."
        assert (await browser.get("/")).text("#filling") == told


async def test_a_shop_that_is_full_says_nothing_of_it(browser: Browser) -> None:
    browser.read.answers("Home", data(popular=[], products={"edges": []}))
    assert (await browser.get("/")).html.select("#filling") == []
