"""How much a page of the storefront may weigh (docs/web.md): HTML, what it fetches, and pictures.

The lists are as long as the pages let them be; the titles have the length of long ones in real catalogues.
"""

import gzip
from collections.abc import Sequence
from typing import Any

from tests.support.fixtures.pages import Browser, Page, data, step
from tests.web.storefront.test_cart import in_cart, line
from tests.web.storefront.test_catalogue import FOUND, MUG
from tests.web.storefront.test_checkout import LINE, at_hand
from tests.web.storefront.test_orders import ID, order
from web.drawing.pictures import SHAPES, draw

HTML, LONG_HTML = 60_000, 150_000
FETCHED, REQUESTS, PICTURE = 60_000, 12, 2_000
LONG = "Whole bean coffee of small farms, dark roast, fairly traded, 12 oz bag"
PRODUCT: dict[str, Any] = {**MUG, "title": LONG, "brand": "A brand with a long name"}
DEPARTMENTS = [{"categoryId": f"category-{it}", "name": f"Department number {it}"} for it in range(40)]


def departments(browser: Browser) -> None:
    browser.read.answers("Departments", data(categories=DEPARTMENTS, search=None))


async def catalogue(browser: Browser) -> list[Page]:
    edges = [{"node": {**PRODUCT, "productId": str(it)}} for it in range(24)]
    facets: dict[str, Any] = {
        **FOUND["facets"],
        "brands": [{"brand": f"A brand with a long name {it}", "count": it} for it in range(50)],
    }
    facets["categories"] = [{"category": it, "count": 7} for it in DEPARTMENTS]
    browser.read.answers("Home", data(popular=[it["node"] for it in edges[:12]], products={"edges": edges[:12]}))
    browser.read.answers("Listing", data(search={**FOUND, "edges": edges, "facets": facets}))
    return [await browser.get(it) for it in ("/", "/c", "/search?q=coffee&stock=in")]


async def test_pages_of_the_catalogue_stay_within_their_weight(browser: Browser) -> None:
    departments(browser)
    for page in await catalogue(browser):
        assert (page.status, len(page.response.content) < HTML) == (200, True), len(page.response.content)


async def test_an_order_of_two_hundred_lines_stays_within_its_weight(browser: Browser) -> None:
    departments(browser)
    await browser.begin()
    one = {**LINE, "title": LONG, "dispatched": 0, "cancelled": 0, "product": PRODUCT}
    steps = [step(2500), step(-100, "Order week", "promotion")]
    long = order(lines=[{**one, "sku": f"SKU-{it}", "priceSteps": steps} for it in range(200)])
    browser.read.answers("Order", data(order=long))
    page = await browser.get(f"/orders/{ID}")
    assert (page.status, len(page.response.content) < LONG_HTML) == (200, True), len(page.response.content)


async def test_what_is_bought_stays_within_its_weight(browser: Browser) -> None:
    departments(browser)
    lines = [line(title=LONG, sku=f"SKU-{it}", product=PRODUCT) for it in range(20)]
    await in_cart(browser, *lines)
    cart = await browser.get("/cart")
    await at_hand(browser, {**LINE, "title": LONG})
    checkout = await browser.get("/checkout")
    assert [len(it.response.content) < HTML for it in (cart, checkout)] == [True, True]


async def test_a_page_fetches_little_beside_its_pictures(browser: Browser) -> None:
    departments(browser)
    await in_cart(browser, line())
    for page in [*await catalogue(browser), await browser.get("/cart")]:
        found = _fetched(page)
        sizes = [len(gzip.compress((await browser.get(it)).response.content, 5)) for it in found]
        assert (len(found) <= REQUESTS, sum(sizes) < FETCHED) == (True, True), (found, sizes)


def test_a_picture_is_small() -> None:
    sizes = {shape: len(draw(shape, 0, "A brand with a lon", "12 fl oz").encode()) for shape in SHAPES}
    assert {shape: size for shape, size in sizes.items() if size > PICTURE} == {}


def _fetched(page: Page) -> Sequence[str]:
    """What a browser loads before anything is clicked, without pictures."""
    sheets = [str(it["href"]) for it in page.html.select("link[rel=stylesheet], link[rel=icon]")]
    return [*sheets, *(str(it["src"]) for it in page.html.select("script[src]"))]
