"""Walks past every page of the shop, for tests of all pages and for pictures of them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.journeys import CONFIRMS, DECLINED, add, check_out, find, placed

Walk = Callable[[Page], Iterator[str]]
"""Yields the name of each page when it is shown."""

MEASURE = (Path(__file__).parent / "measure.js").read_text()
"""A function for the browser: what is wrong with the layout of a page."""


def browse(page: Page) -> Iterator[str]:
    """Pages that need no cart; each name is that of the page which is shown."""
    page.goto("/")
    yield "home"
    page.goto("/c")
    yield "departments"
    page.locator(".doors a").first.click()
    yield "category"
    page.goto("/search?q=cofee&stock=in")
    yield "search"
    page.goto("/search?q=qqqqqqqq")
    yield "nothing-found"
    page.goto("/cart")
    yield "cart-empty"
    page.goto("/nothing-here")
    yield "error-404"


def buy(page: Page) -> Iterator[str]:
    """From a product to the order, by all states of a checkout."""
    find(page, "coffee")
    yield "product"
    add(page, 2)
    page.locator("#added", has_text="In your cart").wait_for()
    yield "product-added"
    find(page, "tea")
    add(page)
    page.locator("#added", has_text="In your cart").wait_for()
    page.goto("/cart")
    yield "cart"
    page.goto("/checkout")
    yield "checkout"
    page.get_by_role("button", name="Place the order").click()
    page.locator(".summary").wait_for()
    yield "checkout-refused"
    check_out(page, DECLINED)
    page.get_by_role("heading", name="The card was not accepted").wait_for()
    yield "declined"
    page.get_by_role("link", name="Choose another card").click()
    page.get_by_role("heading", name="Pay with another card").wait_for()
    yield "another-card"
    page.get_by_role("radio", name=CONFIRMS).check()
    page.get_by_role("button", name="Pay").click()
    page.get_by_role("link", name="Go to your bank").wait_for()
    yield "confirm"
    page.get_by_role("link", name="Go to your bank").click()
    yield "bank"
    page.get_by_role("button", name="Yes, pay").click()
    placed(page)
    yield "order"
    page.goto("/orders")
    yield "orders"


def account(page: Page) -> Iterator[str]:
    """Past the forms that lead into an account."""
    page.goto("/account/addresses")
    yield "login"
    page.get_by_role("button", name="Sign in").click()
    page.locator(".summary").wait_for()
    yield "login-refused"
    page.get_by_role("link", name="Create an account").click()
    page.get_by_role("heading", name="Create an account").wait_for()
    yield "register"
    page.get_by_label("E-mail address").fill("walk@shop.example")
    page.get_by_role("button", name="Send me a link").click()
    page.get_by_role("heading", name="Check your e-mail").wait_for()
    yield "mail-sent"
    page.goto("/account/register/complete?token=none")
    yield "complete"
    page.get_by_label("Password").fill("four words in a row")
    page.get_by_role("button", name="Create the account").click()
    page.get_by_role("heading", name="This link does not work any more").wait_for()
    yield "link-over"


WALKS: Sequence[Walk] = (browse, buy, account)
