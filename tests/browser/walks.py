"""Walks past every page of the shop, for tests of all pages and for pictures of them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.journeys import ADDRESS, CONFIRMS, DECLINED, add, check_out, find, placed

ABROAD = "/en-xa"
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
    page.get_by_role("button", name="Sign in", exact=True).click()
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
    page.get_by_role("button", name="Create the account", exact=True).click()
    page.get_by_role("heading", name="This link does not work any more").wait_for()
    yield "link-over"


def abroad(page: Page) -> Iterator[str]:
    """The shop in the pseudo-language, whose texts are longer: buttons are found by where they are."""
    for path, name in (("/", "home"), ("/c", "departments"), ("/search?q=cofee&stock=in", "search")):
        page.goto(ABROAD + path)
        yield f"abroad-{name}"
    page.locator(".shelf .card").first.click()
    page.locator(".buy button").click()
    page.locator("#added a").wait_for()
    yield "abroad-product-added"
    page.goto(f"{ABROAD}/cart")
    yield "abroad-cart"
    page.locator("aside .button").click()
    page.locator("aside .button").click()
    page.locator(".summary").wait_for()
    yield "abroad-checkout-refused"
    for field, text in zip(("name", "street", "postal_code", "city"), ADDRESS.values(), strict=True):
        page.locator(f"#address-{field}").fill(text)
    page.locator("[value=pm_card_declined]").check()
    page.locator("aside .button").click()
    page.locator("#status a[href$='/card']").click()
    page.locator("[value=pm_card_ok]").wait_for()
    yield "abroad-another-card"
    page.locator("[value=pm_card_ok]").check()
    page.locator("main form .button").click()
    page.locator(".order").wait_for()
    yield "abroad-order"
    for path in ("/orders", "/account/login", "/account/register", "/account/password/forgotten", "/nothing-here"):
        page.goto(ABROAD + path)
        yield f"abroad{path.replace('/', '-')}"


WALKS: Sequence[Walk] = (browse, buy, account, abroad)
