"""Public pages are the same for all visitors, and are not sent again unchanged."""

import gzip

from tests.support.fixtures.pages import Browser, data, failed, usd

MUG = {"productId": "4711", "title": "A mug", "brand": "Potters", "price": usd(1250), "category": None}
HOME = data(popular=[], products={"edges": [{"node": MUG}]})


async def test_a_public_page_does_not_depend_on_the_visitor(browser: Browser) -> None:
    browser.read.answers("Home", HOME)
    stranger = await browser.get("/")
    await browser.begin(cart="cart-1", position="9", position_at=9e12)
    known = await browser.get("/")
    assert known.response.content == stranger.response.content
    assert known.response.headers["cache-control"] == "public, max-age=30, stale-while-revalidate=300"
    assert known.response.headers["vary"] == "Accept-Encoding"
    assert "set-cookie" not in known.response.headers
    asked = browser.read.sent[-1]
    assert "Authorization" not in asked.headers
    assert asked.body is not None
    assert asked.body["variables"] == {}


async def test_an_unchanged_page_is_not_sent_again(browser: Browser) -> None:
    browser.read.answers("Home", HOME)
    tag = (await browser.get("/")).response.headers["etag"]
    again = await browser.get("/", **{"If-None-Match": tag})
    assert (again.status, again.response.content, again.response.headers["etag"]) == (304, b"", tag)
    browser.read.answers("Home", data(popular=[], products={"edges": []}))
    assert (await browser.get("/", **{"If-None-Match": tag})).status == 200


async def test_a_failure_is_not_kept(browser: Browser) -> None:
    browser.read.answers("Home", failed("BUSY", "products", retry_after=1))
    page = await browser.get("/")
    assert (page.status, page.response.headers["cache-control"]) == (503, "no-store")
    assert "etag" not in page.response.headers


async def test_what_is_personal_is_neither_kept_nor_compressed(browser: Browser) -> None:
    page = await browser.get("/cart", **{"Accept-Encoding": "gzip"})
    assert page.response.headers["cache-control"] == "no-store"
    assert "content-encoding" not in page.response.headers


async def test_the_address_of_a_file_holds_its_hash(browser: Browser) -> None:
    page = await browser.get("/cart")
    (sheet,) = [str(it["href"]) for it in page.html.select("link[rel=stylesheet]")]
    style = await browser.get(sheet, **{"Accept-Encoding": "gzip"})
    assert style.response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await browser.get(sheet.replace("/static/", "/static/0"))).status == 404
    assert style.response.headers["content-encoding"] == "gzip"


async def test_styles_and_scripts_stay_small(browser: Browser) -> None:
    """60 KB compressed, as promised in docs/web.md."""
    page = await browser.get("/cart")
    found = [str(it["href"]) for it in page.html.select("link[rel=stylesheet]")]
    found += [str(it["src"]) for it in page.html.select("script[src]")]
    sizes = [len(gzip.compress((await browser.get(it)).response.content, 5)) for it in found]
    assert sum(sizes) < 60_000
    assert len(found) <= 4
