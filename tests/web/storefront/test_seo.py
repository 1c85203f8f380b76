"""What search engines are told: where they may go, and every address that can be found."""

import re

from tests.support.fixtures.pages import ADDRESS, Browser, data
from web.ports import Reply


async def test_personal_pages_are_closed_and_the_sitemap_is_named(browser: Browser) -> None:
    page = await browser.get("/robots.txt")
    lines = page.response.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /cart", "Disallow: /checkout", "Disallow: /orders", "Disallow: /desk"} <= set(lines)
    assert lines[-1] == f"Sitemap: {ADDRESS}/sitemap.xml"
    assert page.response.headers["cache-control"] == "public, max-age=3600, stale-while-revalidate=86400"


async def test_the_sitemap_names_one_for_each_category(browser: Browser) -> None:
    tree = [{"categoryId": "grocery", "children": [{"categoryId": "tea"}]}, {"categoryId": "toys", "children": []}]
    browser.read.answers("Sitemap", data(categories=tree))
    page = await browser.get("/sitemap.xml")
    assert re.findall("<loc>(.*?)</loc>", page.response.text) == [
        f"{ADDRESS}/sitemap/tea.xml",
        f"{ADDRESS}/sitemap/toys.xml",
    ]


async def test_a_category_s_sitemap_has_all_of_its_products(browser: Browser) -> None:
    def part(product_id: str, *, more: bool) -> Reply:
        node = {"productId": product_id, "title": "Tea & more"}
        return data(
            products={"pageInfo": {"hasNextPage": more, "endCursor": product_id}, "edges": [{"node": node}]},
        )

    browser.read.answers("Category", data(category={"categoryId": "tea"}))
    browser.read.answers("SitemapProducts", part("1", more=True), part("2", more=False))
    page = await browser.get("/sitemap/tea.xml")
    assert re.findall("<loc>(.*?)</loc>", page.response.text) == [
        f"{ADDRESS}/c/tea",
        f"{ADDRESS}/p/tea-more-1",
        f"{ADDRESS}/p/tea-more-2",
    ]
    asked = [it.body["variables"] for it in browser.read.sent if it.body and "SitemapProducts" in it.body["query"]]
    assert asked == [{"category": "tea", "cursor": None}, {"category": "tea", "cursor": "1"}]


async def test_a_category_that_is_not_there_has_none(browser: Browser) -> None:
    browser.read.answers("Category", data(category=None))
    assert (await browser.get("/sitemap/none.xml")).status == 404
