"""Sessions: one token refreshed for all tabs, a new secret at each login, an end that is an end."""

import asyncio
from datetime import timedelta

import pytest
from starlette.requests import Request

from tests.support.fixtures.pages import NOW, Browser, data, problem
from web.http.session import logged_in
from web.http.visit import Visit
from web.ports import Ports, Reply

TOKENS = {
    "subject": "anna",
    "access_token": "access-2",
    "expires_at": (NOW + timedelta(minutes=5)).isoformat(),
    "refresh_token": "refresh-2",
    "refresh_expires_at": (NOW + timedelta(days=30)).isoformat(),
}
EMPTY = data(cart=None)


def a_visit(ports: Ports, secret: str | None = None) -> Visit:
    return Visit(Request({"type": "http", "method": "POST", "path": "/", "headers": []}), ports, None, secret)  # type: ignore[arg-type]


async def logged_in_before(browser: Browser, seconds_left: int) -> None:
    ends = NOW.timestamp() + seconds_left
    await browser.begin(subject="anna", token="access-1", refresh="refresh-1", expires=ends, cart="cart-1")
    browser.read.answers("Cart", EMPTY)


async def test_a_token_that_ends_soon_is_replaced(browser: Browser) -> None:
    await logged_in_before(browser, seconds_left=29)
    browser.write.answers("POST /auth/refresh", Reply(200, TOKENS))
    await browser.get("/cart")
    assert [it.body for it in browser.write.sent] == [{"refresh_token": "refresh-1"}]
    assert browser.read.sent[-1].headers["Authorization"] == "Bearer access-2"
    assert (browser.session.refresh, browser.session.cart) == ("refresh-2", "cart-1")


async def test_a_token_that_lasts_is_kept(browser: Browser) -> None:
    await logged_in_before(browser, seconds_left=31)
    await browser.get("/cart")
    assert browser.write.sent == []


async def test_two_tabs_refresh_a_token_once(browser: Browser) -> None:
    await logged_in_before(browser, seconds_left=0)
    browser.write.answers("POST /auth/refresh", Reply(200, TOKENS))
    await asyncio.gather(browser.get("/cart"), browser.get("/cart"))
    assert len(browser.write.sent) == 1


async def test_a_refused_refresh_ends_the_session(browser: Browser) -> None:
    await logged_in_before(browser, seconds_left=0)
    browser.write.answers("POST /auth/refresh", problem(401, "not-authenticated"))
    page = await browser.get("/cart")
    assert (page.status, page.location) == (303, "/cart")
    assert dict(browser.client.cookies) == {}


async def test_a_token_that_the_api_refuses_ends_the_session(browser: Browser) -> None:
    await browser.begin(cart="cart-1")
    browser.read.answers("Cart", Reply(401, {}))
    page = await browser.get("/cart")
    assert (page.status, page.location) == (303, "/cart")
    assert browser.sessions.kept == {}


async def test_a_login_changes_the_secret(browser: Browser) -> None:
    await browser.begin(cart="cart-1", cart_revision=4)
    visit = a_visit(browser.ports, "secret-0")
    await visit.enter(logged_in(TOKENS, ("shopper",), "Anna Berg"))
    assert list(browser.sessions.kept) == ["secret-1"]
    assert (browser.session.subject, browser.session.cart, browser.session.first_name) == ("anna", None, "Anna")


@pytest.mark.parametrize(("role", "staff", "member"), [("shopper", False, True), ("staff", True, False)])
def test_who_has_logged_in_is_no_guest(role: str, staff: bool, member: bool) -> None:
    session = logged_in(TOKENS, (role,))
    assert (session.is_staff, session.is_member, session.is_guest) == (staff, member, False)


async def test_the_store_of_sessions_may_be_away(browser: Browser) -> None:
    await browser.begin(cart="cart-1")
    browser.sessions.away = True
    page = await browser.get("/cart")
    assert (page.status, page.text("h1")) == (503, "The shop is busy")
    browser.read.answers("Home", data(popular=[], products={"edges": []}))
    assert (await browser.get("/")).status == 200
