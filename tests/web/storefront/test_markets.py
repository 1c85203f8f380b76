"""The storefront in several markets: every address keeps the market's path, and nothing else decides about a page."""

import re
from collections.abc import AsyncIterator

import pytest

from tests.support.fixtures.pages import ADDRESS, Browser, accepted, browsing, data
from tests.web.storefront.test_cart import CART, in_cart, line
from tests.web.storefront.test_catalogue import FOUND, MUG
from tests.web.storefront.test_checkout import CHECKOUT, WISH, at_hand
from web.ports import Shop
from web.texts.markets import declared_markets

SWISS = "/en-ch"
HOME = data(popular=[], products={"edges": [{"node": MUG}]})
TEA = {**MUG, "title": "Tea", "productId": "9"}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    markets = declared_markets("en-US:USD en-CH:CHF")
    async with browsing(Shop(address=ADDRESS, test_gateway=True, markets=markets)) as one:
        one.read.answers("Home", HOME)
        one.read.answers("Listing", data(search=FOUND))
        yield one


async def test_all_links_forms_and_fetches_of_a_page_stay_in_the_market(browser: Browser) -> None:
    await in_cart(browser, line())
    for path in ("/", "/search?q=mug", "/cart", "/account/login", "/nothing"):
        page = await browser.get(SWISS + path)
        told = [
            str(tag[name])
            for name in ("href", "action", "hx-get", "hx-post", "data-refresh")
            for tag in page.html.select(f"body [{name}]")
            if not tag.find_parent(class_="markets")
        ]
        assert [it for it in told if not it.startswith((f"{SWISS}/", "#"))] == []
        assert page.html.html is not None
        assert (page.html.html["lang"], page.html.html["data-prefix"]) == ("en-CH", SWISS)


async def test_the_first_market_has_no_prefix_and_the_path_without_slash_leads_to_its_first_page(
    browser: Browser,
) -> None:
    assert (await browser.get("/")).text(".mark") == "Counterfoil"
    page = await browser.get(SWISS)
    assert (page.status, page.location) == (301, f"{SWISS}/")


async def test_commands_lead_to_pages_of_the_same_market(browser: Browser) -> None:
    await in_cart(browser, line())
    browser.write.answers(f"PATCH /carts/{CART}/items/MUG.1", accepted(12, 4))
    page = await browser.post(f"{SWISS}/cart/items/MUG.1", quantity="1'000", key="k")
    assert page.location == f"{SWISS}/cart"
    assert browser.write.sent[-1].body == {"quantity": 1000}
    await at_hand(browser)
    browser.write.answers("POST /checkouts", accepted(20, 2, checkout_id=CHECKOUT))
    assert (await browser.post(f"{SWISS}/checkout", **WISH)).location == f"{SWISS}/checkout/{CHECKOUT}"
    page = await browser.get(f"{SWISS}/account/profile")
    assert page.location == f"{SWISS}/account/login?to=/account/profile"


async def test_a_session_is_one_for_all_markets(browser: Browser) -> None:
    await in_cart(browser, line())
    for prefix in ("", SWISS):
        page = await browser.get(f"{prefix}/cart")
        assert page.texts(".line h2") == ["A mug"]


async def test_the_footer_leads_to_the_same_page_in_the_other_markets(browser: Browser) -> None:
    page = await browser.get(f"{SWISS}/search?q=mug&stock=in")
    links = [
        (str(it["href"]), it["hreflang"], it.get_text(), it.get("aria-current"))
        for it in page.html.select(".markets a")
    ]
    assert links == [
        ("/search?q=mug&stock=in", "en-US", "English (United States)", None),
        (f"{SWISS}/search?q=mug&stock=in", "en-CH", "English (Switzerland)", "true"),
    ]


async def test_after_a_refused_form_it_leads_to_the_page_of_the_form(browser: Browser) -> None:
    await in_cart(browser, line())
    page = await browser.post(f"{SWISS}/cart/items/MUG.1", quantity="none", key="k")
    assert (page.status, [it["href"] for it in page.html.select(".markets a")]) == (422, ["/cart", f"{SWISS}/cart"])


async def test_a_page_for_search_engines_names_itself_and_the_others(browser: Browser) -> None:
    browser.read.answers("Product", data(product={**TEA, "description": "", "onSale": True, "variants": []}))
    wrong = await browser.get(f"{SWISS}/p/coffee-9")
    assert (wrong.status, wrong.location) == (301, f"{SWISS}/p/tea-9")
    page = await browser.get(f"{SWISS}/p/tea-9")
    assert page.html.select_one("link[rel=canonical][href]")["href"] == f"{ADDRESS}{SWISS}/p/tea-9"  # type: ignore[index]
    assert [(it["hreflang"], it["href"]) for it in page.html.select("link[rel=alternate]")] == [
        ("en-US", f"{ADDRESS}/p/tea-9"),
        ("en-CH", f"{ADDRESS}{SWISS}/p/tea-9"),
        ("x-default", f"{ADDRESS}/p/tea-9"),
    ]


async def test_robots_and_sitemaps_know_all_markets(browser: Browser) -> None:
    robots = (await browser.get("/robots.txt")).response.text.splitlines()
    assert {"Disallow: /cart", f"Disallow: {SWISS}/cart", "Disallow: /desk"} <= set(robots)
    assert robots[-2:] == [f"Sitemap: {ADDRESS}/sitemap.xml", f"Sitemap: {ADDRESS}{SWISS}/sitemap.xml"]
    browser.read.answers("Sitemap", data(categories=[{"categoryId": "tea", "children": []}]))
    index = (await browser.get(f"{SWISS}/sitemap.xml")).response.text
    assert re.findall("<loc>(.*?)</loc>", index) == [f"{ADDRESS}{SWISS}/sitemap/tea.xml"]
    browser.read.answers("Category", data(category={"categoryId": "tea"}))
    browser.read.answers(
        "SitemapProducts", data(products={"pageInfo": {"hasNextPage": False}, "edges": [{"node": TEA}]})
    )
    urls = (await browser.get(f"{SWISS}/sitemap/tea.xml")).response.text
    assert re.findall("<loc>(.*?)</loc>", urls) == [f"{ADDRESS}{SWISS}/c/tea", f"{ADDRESS}{SWISS}/p/tea-9"]
    assert f'<xhtml:link rel="alternate" hreflang="en-US" href="{ADDRESS}/p/tea-9"/>' in urls


async def test_nothing_but_the_address_decides_and_caches_need_not_know_more(browser: Browser) -> None:
    pages = [await browser.get("/", **{"Accept-Language": language, "Cookie": "m=1"}) for language in ("de", "en")]
    assert pages[0].response.content == pages[1].response.content
    assert pages[0].response.headers["vary"] == "Accept-Encoding"
    swiss = await browser.get(f"{SWISS}/")
    assert swiss.response.headers["etag"] != pages[0].response.headers["etag"]


async def test_a_market_whose_currency_is_not_sold_says_so_and_invents_no_price(browser: Browser) -> None:
    page = await browser.get(f"{SWISS}/")
    assert page.text(".currency") == (
        "This shop does not sell in Swiss francs. "
        "All prices are in US dollars, and that is what your card is charged in."
    )
    assert page.texts(".price") == ["US$ 12.50"]
    assert (await browser.get("/")).texts(".currency") == []


async def test_a_checkout_begins_with_the_market_s_own_country(browser: Browser) -> None:
    await at_hand(browser)
    page = await browser.get(f"{SWISS}/checkout")
    assert [it["value"] for it in page.html.select("select option[selected]")] == ["CH"]
    assert page.html.select("select option")[0]["value"] == "CH"


async def test_the_desk_and_files_have_no_market(browser: Browser) -> None:
    for path in ("/desk/login", "/robots.txt", "/favicon.svg", "/health"):
        assert (await browser.get(SWISS + path)).status == 404
    page = await browser.get("/desk/login")
    assert (page.status, page.html.select(".markets")) == (200, [])


@pytest.mark.parametrize(
    ("typed", "locale", "body"),
    [("1,000", "", 1000), ("1'000", SWISS, 1000), ("2.0", "", 2)],
)
async def test_numbers_are_typed_as_the_market_writes_them(
    browser: Browser, typed: str, locale: str, body: int
) -> None:
    await in_cart(browser, line())
    browser.write.answers(f"PATCH /carts/{CART}/items/MUG.1", accepted(12, 4))
    await browser.post(f"{locale}/cart/items/MUG.1", quantity=typed, key="k")
    assert browser.write.sent[-1].body == {"quantity": body}


@pytest.mark.parametrize("wrong", ["1.5", "1'000", "-2", "1e3", "NaN", "٣"])
async def test_what_is_no_whole_number_there_is_refused(browser: Browser, wrong: str) -> None:
    await in_cart(browser, line())
    page = await browser.post("/cart/items/MUG.1", quantity=wrong, key="k")
    assert (page.status, browser.write.sent) == (422, [])
