"""The download of one's data: a file, after a login of the last minutes."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.fixtures.pages import NOW, Browser, data, problem
from web.ports import Reply

DATA: dict[str, Any] = {"profile": {"name": "Zoë </script>"}, "orders": [{"order_id": "o-1"}], "carts": []}
PROFILE = Reply(
    200, {"email": "anna@shop.example", "name": "Anna Berg", "phone": None, "registered_at": NOW.isoformat()}
)
TOO_OLD = problem(403, "reauthentication-required")
TOKENS: dict[str, Any] = {
    "subject": "shopper-1",
    "access_token": "access-2",
    "expires_at": (NOW + timedelta(minutes=5)).isoformat(),
    "refresh_token": "refresh-2",
    "refresh_expires_at": (NOW + timedelta(days=30)).isoformat(),
    "cart": {"cart_id": "cart-7", "lines": []},
}


async def test_the_button_of_the_overview_downloads_a_file_that_nothing_keeps(anna: Browser) -> None:
    anna.write.answers("GET /account", PROFILE)
    anna.write.answers("GET /account/addresses", Reply(200, {"addresses": []}))
    anna.read.answers("Orders", data(me={"orders": {"edges": [], "pageInfo": None}}))
    assert (await anna.get("/account")).text("form[action='/account/data'] button") == "Download my data"
    anna.write.answers("GET /account/data", Reply(200, DATA))
    response = (await anna.post("/account/data")).response
    assert (response.status_code, response.json()) == (200, DATA)
    names = ("content-type", "content-disposition", "cache-control", "x-content-type-options")
    assert [response.headers[it] for it in names] == [
        "application/json",
        'attachment; filename="my-data.json"',
        "no-store",
        "nosniff",
    ]
    assert anna.write.sent[-1].headers["Authorization"] == "Bearer access-1"


async def test_no_link_downloads_anything(anna: Browser) -> None:
    anna.write.answers("GET /account", PROFILE)
    page = await anna.get("/account/data")
    assert (page.status, page.text("h1")) == (200, "Download your data")
    assert anna.write.to("/account/data") == []


async def test_after_an_old_login_the_password_is_asked_for_and_the_cart_stays(anna: Browser) -> None:
    anna.write.answers("GET /account", PROFILE)
    anna.write.answers("GET /account/data", TOO_OLD, Reply(200, DATA))
    anna.write.answers("POST /auth/login", Reply(200, TOKENS))
    anna.write.answers("POST /auth/logout", Reply(200, {"taken": True}))
    assert (await anna.post("/account/data")).location == "/account/data"
    page = await anna.post("/account/data", again="yes", password=" yes ")
    assert page.response.json() == DATA
    (login,) = anna.write.to("/auth/login")
    assert login.body == {"email": "anna@shop.example", "password": " yes ", "device": "A browser"}
    assert anna.write.sent[-1].headers["Authorization"] == "Bearer access-2"
    assert (anna.session.refresh, anna.session.first_name, anna.session.cart) == ("refresh-2", "Anna", "cart-7")
    assert page.response.headers["set-cookie"].startswith("s=secret-1;")


@pytest.mark.parametrize(("typed", "told"), [("no", "This is not your password."), ("", "Enter a password.")])
async def test_a_wrong_password_downloads_nothing(anna: Browser, typed: str, told: str) -> None:
    anna.write.answers("GET /account", PROFILE)
    anna.write.answers("POST /auth/login", problem(401, "wrong-credentials"))
    page = await anna.post("/account/data", again="yes", password=typed)
    assert (page.status, page.text("#password-fault"), page.field("#password")) == (422, told, "")
    assert anna.write.to("/account/data") == []
    assert anna.session.refresh == "refresh-1"


async def test_while_the_data_cannot_be_gathered_the_page_says_so(anna: Browser) -> None:
    anna.write.answers("GET /account/data", problem(503, "not-ready"))
    assert (await anna.post("/account/data")).status == 503


async def test_a_second_device_finds_the_cart_of_the_account(browser: Browser) -> None:
    browser.write.answers("POST /auth/login", Reply(200, TOKENS))
    browser.write.answers("GET /account", PROFILE)
    page = await browser.post("/account/login", email="anna@shop.example", password="x")
    assert (page.location, browser.session.cart) == ("/account", "cart-7")
    assert "guest_cart_id" not in (browser.write.sent[0].body or {})
    browser.read.answers("Cart", data(cart=None))
    assert (await browser.get("/cart")).status == 200
    assert browser.read.sent[-1].body["variables"]["cart"] == "cart-7"  # type: ignore[index]
