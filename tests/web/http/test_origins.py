"""Requests of other sites, the headers of every response, and the cookies."""

import pytest
from starlette.datastructures import Headers

from tests.support.fixtures.pages import ADDRESS, GUEST_SESSION, Browser, accepted, browsing
from web.http.headers import is_cross_site
from web.ports import Shop

SECURE = "https://shop.example"


@pytest.mark.parametrize(
    ("headers", "address", "refused"),
    [
        ({"sec-fetch-site": "same-origin"}, ADDRESS, False),
        ({"sec-fetch-site": "same-site"}, ADDRESS, True),
        ({"sec-fetch-site": "cross-site"}, ADDRESS, True),
        ({"sec-fetch-site": "none"}, ADDRESS, True),
        ({"sec-fetch-site": "cross-site", "origin": ADDRESS}, ADDRESS, True),
        ({"origin": ADDRESS}, ADDRESS, False),
        ({"origin": "http://localhost:8080", "host": "localhost:8080"}, ADDRESS, False),
        ({"origin": "null", "host": "127.0.0.1:8080"}, ADDRESS, True),
        ({"origin": "http://evil.example", "host": "127.0.0.1:8080"}, ADDRESS, True),
        ({"origin": SECURE, "host": "shop.example"}, SECURE, False),
        ({"origin": "http://shop.example", "host": "shop.example"}, SECURE, True),
        ({}, ADDRESS, True),
    ],
)
def test_only_our_own_pages_change_anything(headers: dict[str, str], address: str, refused: bool) -> None:
    assert is_cross_site("POST", Headers(headers), address) is refused
    assert is_cross_site("GET", Headers(headers), address) is False


async def test_a_form_of_another_site_changes_nothing(browser: Browser) -> None:
    await browser.begin(cart="cart-1")
    page = await browser.post("/cart/items", site="cross-site", sku="MUG", quantity="1")
    assert (page.status, page.text("h1")) == (403, "You may not do this")
    assert browser.write.sent == []


@pytest.mark.parametrize("path", ["/cart", "/nothing-here", "/art/box-1.svg", "/favicon.svg", "/health"])
async def test_every_response_restricts_what_a_browser_does_with_it(browser: Browser, path: str) -> None:
    headers = (await browser.get(path)).response.headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


async def test_a_fault_of_ours_has_the_headers_too(browser: Browser) -> None:
    browser.read.answers("Home", ValueError("secret words"))
    page = await browser.get("/")
    assert (page.status, page.text("code")) == (500, "key-1")
    assert "secret words" not in page.response.text
    assert "default-src 'none'" in page.response.headers["content-security-policy"]
    assert page.response.headers["cache-control"] == "no-store"


async def test_under_tls_the_cookie_is_bound_to_host_and_tls() -> None:
    async with browsing(Shop(address=SECURE)) as browser:
        browser.write.answers("POST /sessions", GUEST_SESSION)
        browser.write.answers("POST /carts", accepted(10, 0, cart_id="cart-1"))
        browser.write.answers("POST /carts/cart-1/items", accepted(11, 1))
        page = await browser.post("/cart/items", sku="MUG", quantity="1")
        session, marker = page.response.headers.get_list("set-cookie")
        assert session == "__Host-s=secret-1; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax; Secure"
        assert marker == "m=1; Max-Age=2592000; Path=/; SameSite=lax; Secure"


async def test_a_cookie_that_names_no_session_is_no_session(browser: Browser) -> None:
    browser.client.cookies.set("s", "somebody-else", domain="127.0.0.1", path="/")
    assert (await browser.get("/cart")).text("#cart p:first-child") == "Your cart is empty."


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"a=" + b"x" * 100_001, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 415),
        (b"&".join(b"a=1" for _ in range(1_001)), "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe=1", "application/x-www-form-urlencoded", 400),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(browser: Browser, content: bytes, kind: str, status: int) -> None:
    headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
    response = await browser.client.post("/cart/items", content=content, headers=headers)
    assert response.status_code == status
