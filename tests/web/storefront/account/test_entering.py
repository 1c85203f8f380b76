"""Signing in and out: where it leads, what it says, and what it never says."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.fixtures.pages import NOW, UNREACHABLE, Browser, data, problem
from web.ports import Reply

TOKENS: dict[str, Any] = {
    "subject": "shopper-1",
    "access_token": "access-1",
    "expires_at": (NOW + timedelta(minutes=5)).isoformat(),
    "refresh_token": "refresh-1",
    "refresh_expires_at": (NOW + timedelta(days=30)).isoformat(),
    "session_id": "session-1",
}
LOGGED_IN = Reply(200, {**TOKENS, "device_token": "device-1"})
ANNA: dict[str, Any] = {"email": "anna@shop.example", "password": " two words "}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"


def login_is_right(browser: Browser, tokens: Reply = LOGGED_IN) -> None:
    browser.write.answers("POST /auth/login", tokens)
    browser.write.answers("GET /account", Reply(200, {"name": "Anna Berg"}))


async def member(browser: Browser, **more: Any) -> None:
    await browser.begin(subject="shopper-1", token="access-1", refresh="refresh-1", **more)


async def test_a_shopper_signs_in_and_comes_back_to_where_they_were(browser: Browser) -> None:
    login_is_right(browser)
    browser.client.headers["User-Agent"] = FIREFOX
    page = await browser.get("/account/login?to=/checkout%3Fstep%3D2")
    assert page.response.headers["cache-control"] == "no-store"
    assert page.field("form[novalidate] [name=to]") == "/checkout?step=2"
    page = await browser.post("/account/login", to="/checkout?step=2", **ANNA)
    assert (page.status, page.location) == (303, "/checkout?step=2")
    assert [it.body for it in browser.write.sent] == [{**ANNA, "device": "Firefox on Linux"}, None]
    session = browser.session
    assert (session.subject, session.refresh, session.first_name) == ("shopper-1", "refresh-1", "Anna")
    cookie, marker, device = page.response.headers.get_list("set-cookie")
    assert cookie == "s=secret-1; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax"
    assert marker == "m=1; Max-Age=2592000; Path=/; SameSite=lax"
    assert device == "d=device-1; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax"


async def test_a_device_that_is_known_says_so(browser: Browser) -> None:
    login_is_right(browser)
    browser.client.cookies.set("d", "device-0", domain="127.0.0.1", path="/")
    await browser.post("/account/login", **ANNA)
    assert browser.write.sent[0].body == {**ANNA, "device": "A browser", "device_token": "device-0"}


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/account/login?to=/x",
        "/é",
        "/" + "x" * 2_001,
    ],
)
async def test_no_address_but_our_own_is_where_a_login_leads(browser: Browser, to: str) -> None:
    login_is_right(browser)
    page = await browser.client.get("/account/login", params={"to": to})
    assert 'name="to" value="/account"' in page.text
    assert (await browser.post("/account/login", to=to, **ANNA)).location == "/account"
    again = await browser.client.get("/account/login", params={"to": to})
    assert (again.status_code, again.headers["location"]) == (303, "/account")


async def test_a_wrong_password_and_an_unknown_address_look_the_same(browser: Browser) -> None:
    browser.write.answers("POST /auth/login", problem(401, "wrong-credentials", detail="Neither is right."))
    pages = [await browser.post("/account/login", email=it, password="no") for it in ("a@b.example", "c@d.example")]
    texts = [it.response.text.replace("a@b.example", "-").replace("c@d.example", "-") for it in pages]
    assert texts[0] == texts[1]
    assert (pages[0].status, pages[0].text(".summary")) == (422, "Neither is right.")
    assert (pages[0].field("#email"), pages[0].field("#password")) == ("a@b.example", "")
    assert browser.sessions.kept == {}


async def test_what_is_missing_is_told_at_its_field_and_reaches_no_api(browser: Browser) -> None:
    page = await browser.post("/account/login", email=" ", password="")
    assert page.status == 422
    assert page.text("#email-fault") == "Enter an e-mail address, such as anna@example.com."
    assert page.text("#password-fault") == "Enter a password."
    assert page.html.select_one("#email")["aria-describedby"] == "email-fault"  # type: ignore[index]
    assert browser.write.sent == []


async def test_what_was_typed_is_shown_as_text(browser: Browser) -> None:
    browser.write.answers("POST /auth/login", problem(401, "wrong-credentials"))
    hostile = '"><script>alert(1)</script>{{ 7*7 }}'
    page = await browser.post("/account/login", email=hostile, password=hostile, to="/<script>")
    assert page.field("#email") == hostile
    assert page.html.select("main script") == []
    assert (page.field("form[novalidate] [name=to]"), hostile in page.response.text) == ("/<script>", False)


async def test_too_many_attempts_say_when_to_come_back(browser: Browser) -> None:
    browser.write.answers("POST /auth/login", problem(429, "too-many-attempts", retry_after=290))
    page = await browser.post("/account/login", **ANNA)
    assert (page.status, page.response.headers["retry-after"]) == (429, "290")
    assert page.text(".summary") == "There were too many attempts. Try again in 5 minutes."


@pytest.mark.parametrize("reply", [problem(503, "busy"), UNREACHABLE])
async def test_while_the_shop_is_busy_the_form_stays(browser: Browser, reply: Reply | Exception) -> None:
    browser.write.answers("POST /auth/login", reply)
    page = await browser.post("/account/login", **ANNA)
    assert (page.status, page.response.headers["retry-after"]) == (503, "1")
    assert (page.text(".summary"), page.field("#email")) == (
        "The shop is busy at this moment. Press the button again.",
        "anna@shop.example",
    )


@pytest.mark.parametrize(
    "path",
    ["login", "logout", "register", "register/complete", "password/forgotten", "password/reset", "email/confirm"],
)
async def test_a_form_of_another_site_does_nothing(browser: Browser, path: str) -> None:
    await member(browser)
    page = await browser.post(f"/account/{path}", site="cross-site", token="t", **ANNA)
    assert (page.status, browser.write.sent, list(browser.sessions.kept)) == (403, [], ["secret-0"])


@pytest.mark.parametrize(("quantity", "leads_to"), [(3, "/account"), (2, "/cart?after=login")])
async def test_a_guest_s_cart_is_merged_by_the_api_and_what_is_short_is_shown(
    browser: Browser, quantity: int, leads_to: str
) -> None:
    await browser.begin(cart="cart-1", carts=2)
    lines = [{"sku": "MUG", "asked": 3, "quantity": quantity}]
    login_is_right(browser, Reply(200, {**TOKENS, "cart": {"cart_id": "cart-2", "lines": lines}}))
    page = await browser.post("/account/login", **ANNA)
    body = browser.write.sent[0].body
    assert body is not None
    assert (body["guest_token"], body["guest_cart_id"]) == ("token-1", "cart-1")
    assert (page.location, browser.session.cart) == (leads_to, "cart-2")
    browser.read.answers("Cart", data(cart=None))
    shown = await browser.get("/cart?after=login")
    assert shown.text(".note").startswith("Your two carts are one now.")


async def test_a_cart_that_is_not_merged_is_the_guest_s(browser: Browser) -> None:
    await browser.begin(cart="cart-1")
    login_is_right(browser, Reply(200, {**TOKENS, "cart": None}))
    await browser.post("/account/login", **ANNA)
    assert browser.session.cart is None


async def test_another_account_ends_the_session_of_the_first(browser: Browser) -> None:
    await member(browser)
    login_is_right(browser, Reply(200, {**TOKENS, "subject": "shopper-2"}))
    browser.write.answers("POST /auth/logout", Reply(200, {"taken": True}))
    await browser.post("/account/login", **ANNA)
    assert [it.body for it in browser.write.to("/auth/logout")] == [{"refresh_token": "refresh-1"}]
    assert browser.session.subject == "shopper-2"


@pytest.mark.parametrize("reply", [Reply(200, {"taken": True}), Reply(401, {}), problem(503, "busy"), UNREACHABLE])
async def test_signing_out_ends_the_session_whatever_the_api_says(browser: Browser, reply: Reply | Exception) -> None:
    await member(browser)
    browser.write.answers("POST /auth/logout", reply)
    page = await browser.post("/account/logout")
    assert (page.status, page.location) == (303, "/")
    assert browser.write.sent[0].body == {"refresh_token": "refresh-1"}
    assert (browser.sessions.kept, dict(browser.client.cookies)) == ({}, {})


async def test_no_link_signs_anybody_out(browser: Browser) -> None:
    await member(browser)
    assert (await browser.get("/account/logout")).status == 405
    assert list(browser.sessions.kept) == ["secret-0"]


async def test_the_header_of_a_cached_page_knows_the_visitor_by_a_fragment(browser: Browser) -> None:
    browser.read.answers("Home", data(products={"edges": []}, popular=[]))
    stranger = await browser.get("/")
    assert [it["href"] for it in stranger.html.select("#me a")] == ["/account/login", "/cart"]
    await member(browser, name="<b>Anna</b> Berg")
    assert (await browser.get("/")).response.content == stranger.response.content
    header = await browser.fragment("/_/me")
    assert header.text("#me summary") == "<b>Anna</b>"
    assert [it["action"] for it in header.html.select("#me form")] == ["/account/logout"]


async def test_a_guest_signs_in_from_the_page_that_is_shown(browser: Browser) -> None:
    await browser.begin()
    page = await browser.get("/_/me", **{"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1:8080/search?q=tea"})
    assert page.html.select("#me a")[1]["href"] == "/account/login?to=/search%3Fq%3Dtea"
    page = await browser.get("/_/me", **{"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1:8080//evil.example"})
    assert page.html.select("#me a")[1]["href"] == "/account/login"
