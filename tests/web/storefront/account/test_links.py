"""Registering, a forgotten password and a new address: asked for by mail, done behind the mailed link."""

from datetime import timedelta

import pytest

from tests.support.fixtures.pages import NOW, UNREACHABLE, Browser, accepted, data, problem, usd
from web.ports import Reply

TAKEN = Reply(202, {"taken": True})
TOKENS = {
    "subject": "shopper-1",
    "access_token": "access-1",
    "expires_at": (NOW + timedelta(minutes=5)).isoformat(),
    "refresh_token": "refresh-1",
    "refresh_expires_at": (NOW + timedelta(days=30)).isoformat(),
    "session_id": "session-1",
}
ASKING = [("/account/register", "/auth/register"), ("/account/password/forgotten", "/auth/password/forgotten")]
FOLLOWING = [
    ("/account/register/complete", "/auth/register/complete"),
    ("/account/password/reset", "/auth/password/reset"),
    ("/account/email/confirm", "/auth/email/confirm"),
]


def invalid(field: str) -> Reply:
    return problem(422, "invalid-request", errors=[{"field": field, "reason": "It is wrong"}])


@pytest.mark.parametrize(("page", "api"), ASKING)
async def test_an_address_is_asked_for_and_the_answer_is_in_the_mail(browser: Browser, page: str, api: str) -> None:
    browser.write.answers(f"POST {api}", TAKEN)
    sent = await browser.post(page, email=" anna@shop.example ")
    assert (sent.status, sent.location) == (303, f"/account/mail?again={page}")
    assert browser.write.sent[-1].body == {"email": "anna@shop.example"}
    told = await browser.get(sent.location)
    assert told.text("h1") == "Check your e-mail"
    assert [it["href"] for it in told.html.select("main .button")] == [page, "/"]
    assert browser.sessions.kept == {}


@pytest.mark.parametrize(("page", "api"), ASKING)
async def test_an_address_that_is_none_is_told_at_its_field(browser: Browser, page: str, api: str) -> None:
    browser.write.answers(f"POST {api}", invalid("email"))
    hostile = '"><img src=x onerror=alert(1)>'
    refused = await browser.post(page, email=hostile)
    assert (refused.status, refused.field("#email")) == (422, hostile)
    assert refused.text("#email-fault") == "This is no e-mail address. Enter one such as anna@example.com."
    assert refused.html.select("main img") == []
    assert (await browser.post(page, email="")).text("#email-fault").startswith("Enter an e-mail address")
    assert len(browser.write.sent) == 1


@pytest.mark.parametrize(("page", "api"), ASKING)
async def test_mails_are_limited_and_the_shop_may_be_busy(browser: Browser, page: str, api: str) -> None:
    browser.write.answers(f"POST {api}", problem(429, "too-many-attempts", retry_after=3600))
    limited = await browser.post(page, email="anna@shop.example")
    assert (limited.status, limited.response.headers["retry-after"]) == (429, "3600")
    assert limited.text(".summary") == "There were too many attempts. Try again in 1 hour."
    browser.write.answers(f"POST {api}", UNREACHABLE)
    assert (await browser.post(page, email="anna@shop.example")).status == 503


async def test_where_to_ask_again_is_one_of_our_pages(browser: Browser) -> None:
    page = await browser.get("/account/mail?again=https://evil.example")
    assert [it["href"] for it in page.html.select("main .button")] == ["/"]


@pytest.mark.parametrize("page", [page for page, _ in FOLLOWING])
async def test_a_link_that_is_looked_at_is_not_used_up(browser: Browser, page: str) -> None:
    shown = await browser.get(f"{page}?token=t%22%3E1")
    assert (shown.status, shown.field("form[novalidate] [name=token]")) == (200, 't">1')
    assert shown.response.headers["cache-control"] == "no-store"
    assert (browser.write.sent, browser.sessions.kept) == ([], {})


@pytest.mark.parametrize(
    ("page", "leads_to"),
    [
        ("/account/register/complete", "/account/register"),
        ("/account/password/reset", "/account/password/forgotten"),
        ("/account/email/confirm", "/account/login"),
    ],
)
@pytest.mark.parametrize("token", ["", "x" * 4_097])
async def test_a_link_without_its_token_leads_to_where_one_is_asked_for(
    browser: Browser, page: str, leads_to: str, token: str
) -> None:
    assert (await browser.get(f"{page}?token={token}")).location == leads_to


@pytest.mark.parametrize(("page", "api"), FOLLOWING)
@pytest.mark.parametrize("reply", [problem(422, "link-not-valid"), invalid("token")])
async def test_a_link_that_is_over_says_so_and_offers_another(
    browser: Browser, page: str, api: str, reply: Reply
) -> None:
    browser.write.answers(f"POST {api}", reply)
    over = await browser.post(page, token="t", password="a good password")
    assert (over.status, over.text("h1")) == (422, "This link does not work any more")
    assert "/account/login" in [it["href"] for it in over.html.select("main .button")]


async def test_completing_opens_the_account_and_signs_in(browser: Browser) -> None:
    browser.write.answers("POST /auth/register/complete", Reply(201, TOKENS))
    page = await browser.post("/account/register/complete", token="t", name="Anna Berg", password=" spaces stay ")
    assert (page.status, page.location) == (303, "/account?after=welcome")
    assert browser.write.sent[-1].body == {
        "token": "t",
        "name": "Anna Berg",
        "password": " spaces stay ",
        "device": "A browser",
    }
    assert (browser.session.subject, browser.session.first_name) == ("shopper-1", "Anna")


async def test_a_name_is_optional(browser: Browser) -> None:
    browser.write.answers("POST /auth/register/complete", Reply(201, TOKENS))
    browser.write.answers("GET /account", Reply(503))
    await browser.post("/account/register/complete", token="t", name="", password="a good password")
    assert browser.write.sent[0].body == {"token": "t", "password": "a good password", "device": "A browser"}


@pytest.mark.parametrize(("page", "api"), FOLLOWING[:2])
async def test_a_weak_password_is_told_at_its_field_and_not_sent_back(browser: Browser, page: str, api: str) -> None:
    weak = problem(422, "weak-password", errors=[{"field": "password", "reason": "It has at least 10 characters."}])
    browser.write.answers(f"POST {api}", weak)
    refused = await browser.post(page, token="t", name="Anna", password="secret")
    assert (refused.status, refused.text("#password-fault")) == (422, "It has at least 10 characters.")
    assert (refused.field("form[novalidate] [name=token]"), refused.field("#password")) == ("t", "")
    assert (await browser.post(page, token="t", password="")).text("#password-fault") == "Enter a password."
    assert len(browser.write.sent) == 1


@pytest.mark.parametrize(("page", "api"), [FOLLOWING[0], FOLLOWING[2]])
async def test_an_address_that_another_account_has_is_told(browser: Browser, page: str, api: str) -> None:
    browser.write.answers(f"POST {api}", problem(409, "address-taken"))
    refused = await browser.post(page, token="t", password="a good password")
    assert refused.status == 422
    assert refused.text(".summary").startswith("This address ")


async def test_a_reset_signs_this_browser_out_too(browser: Browser) -> None:
    await browser.begin(subject="shopper-1", token="access-1", refresh="refresh-1")
    browser.write.answers("POST /auth/password/reset", Reply(200, {"taken": True}))
    page = await browser.post("/account/password/reset", token="t", password="a good password")
    assert (page.location, browser.sessions.kept) == ("/account/login?after=password", {})
    told = await browser.get(page.location)
    assert told.text(".note").startswith("Your new password is set")


async def test_a_reset_leaves_a_guest_the_cart(browser: Browser) -> None:
    await browser.begin(cart="cart-1")
    browser.write.answers("POST /auth/password/reset", Reply(200, {"taken": True}))
    await browser.post("/account/password/reset", token="t", password="a good password")
    assert browser.session.cart == "cart-1"


async def test_a_confirmed_address_is_said_at_the_login(browser: Browser) -> None:
    browser.write.answers("POST /auth/email/confirm", Reply(200, {"taken": True}))
    page = await browser.post("/account/email/confirm", token="t")
    assert page.location == "/account/login?after=address"
    assert (await browser.get("/account/login?after=evil")).texts(".note") == []


async def test_what_a_guest_can_buy_comes_along(browser: Browser) -> None:
    await browser.begin(cart="cart-1", carts=2)
    line = {"sku": "MUG", "quantity": 2, "priceNow": usd(1)}
    gone = {"sku": "TEA", "quantity": 1, "priceNow": None}
    browser.read.answers("Cart", data(cart={"status": "OPEN", "lines": [line, gone]}))
    browser.write.answers("POST /auth/register/complete", Reply(201, TOKENS))
    browser.write.answers("POST /carts", accepted(7, 1, cart_id="cart-2"))
    await browser.post("/account/register/complete", token="t", name="Anna", password="a good password")
    assert browser.read.sent[-1].headers["Authorization"] == "Bearer token-1"
    (opened,) = browser.write.to("/carts")
    assert opened.body == {"items": [{"sku": "MUG", "quantity": 2}]}
    assert opened.headers["Authorization"] == "Bearer access-1"
    assert (list(browser.sessions.kept), browser.session.cart) == (["secret-1"], "cart-2")


@pytest.mark.parametrize("reply", [problem(422, "not-for-sale"), problem(503, "busy")])
async def test_a_cart_that_cannot_come_along_hinders_no_registration(browser: Browser, reply: Reply) -> None:
    await browser.begin(cart="cart-1")
    line = {"sku": "MUG", "quantity": 2, "priceNow": usd(1)}
    browser.read.answers("Cart", data(cart={"status": "OPEN", "lines": [line]}))
    browser.write.answers("POST /auth/register/complete", Reply(201, TOKENS))
    browser.write.answers("POST /carts", reply)
    assert (
        await browser.post("/account/register/complete", token="t", name="Anna", password="a good password")
    ).status == 303
    assert (browser.session.subject, browser.session.cart) == ("shopper-1", None)
