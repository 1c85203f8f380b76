"""Pages of the shop say how long they waited for the APIs; those of accounts and the back office do not."""

import re

from tests.support.fixtures.pages import Browser, accepted, data

HOME = data(popular=[], products={"edges": []})


async def test_a_page_says_how_long_its_read_took(browser: Browser) -> None:
    browser.read.answers("Home", HOME)
    told = (await browser.get("/")).response.headers["server-timing"]
    assert re.fullmatch(r"read;dur=\d+\.\d", told)


async def test_a_form_says_how_long_its_command_took(browser: Browser) -> None:
    await browser.begin(cart="cart-1", cart_revision=1)
    browser.write.answers("POST /carts/cart-1/items", accepted(1, 1))
    page = await browser.post("/cart/items", sku="MUG", quantity="1")
    assert page.status == 303
    assert re.fullmatch(r"command;dur=\d+\.\d", page.response.headers["server-timing"])


async def test_what_waits_for_no_api_and_pages_of_accounts_say_nothing(browser: Browser) -> None:
    for path in ("/health/live", "/account/login", "/desk/login"):
        assert "server-timing" not in (await browser.get(path)).response.headers
