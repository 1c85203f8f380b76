"""Back, Forward, impatient clicks and doubled tabs, on a slow network and with the back/forward cache: one order."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.conftest import ARGS
from tests.browser.journeys import OK, add, fill_checkout, find, placed

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""Milliseconds, and bytes a second: as Chromium's own "slow 3G"."""

RESTORED = "addEventListener('pageshow', (event) => { window.wasRestored = event.persisted; })"
BACK_AT_ONCE = "document.querySelector('form.checkout').onsubmit = () => setTimeout(() => history.back(), 100)"
SENT_AGAIN = """async (form) => (await fetch("/checkout", { method: "POST", body: new URLSearchParams(form) })).url"""
FILLED = """() => new URLSearchParams(new FormData(document.querySelector("form.checkout"))).toString()"""


@pytest.fixture(scope="module")
def chromium(program_of_chromium: str) -> Iterator[Browser]:
    """With the back/forward cache, which Playwright turns off."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program_of_chromium, args=ARGS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    context.add_init_script(RESTORED)
    return context.new_page()


def slow_down(page: Page) -> None:
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)


def back(page: Page) -> None:
    """Pages out of the cache do not load, so Playwright must not wait for it."""
    page.go_back(wait_until="commit")


def apples_at_the_checkout(page: Page) -> None:
    find(page, "apples")
    page.get_by_role("button", name="Add to cart").click(click_count=3, delay=5)
    expect(page.locator("#added")).to_contain_text("In your cart")
    page.goto("/checkout")
    expect(page.locator(".checkout .line small").first).to_have_text("1 at $2.49")
    fill_checkout(page, OK)


def orders(page: Page) -> list[str]:
    page.goto("/orders")
    links = page.locator(".orders li a").all()
    return [str(it.get_attribute("href")) for it in links]


def test_three_clicks_back_and_forward_on_a_slow_network_make_one_order(page: Page) -> None:
    apples_at_the_checkout(page)
    form = page.evaluate(FILLED)
    slow_down(page)
    page.get_by_role("button", name="Place the order").click(click_count=3, delay=5)
    order = placed(page)
    back(page)
    assert placed(page) == order
    page.go_forward(wait_until="commit")
    assert placed(page) == order
    back(page)
    assert placed(page) == order
    assert page.evaluate(SENT_AGAIN, form) == order
    assert [f"{page.url.rpartition('/orders')[0]}{it}" for it in orders(page)] == [order]


def test_who_goes_back_before_the_answer_and_buys_again_has_one_order(page: Page) -> None:
    apples_at_the_checkout(page)
    slow_down(page)
    page.evaluate(BACK_AT_ONCE)
    with page.expect_request(lambda it: it.method == "POST"):
        page.get_by_role("button", name="Place the order").click(no_wait_after=True)
    expect(page).not_to_have_url(re.compile("/checkout"))
    page.goto("/checkout")
    if page.get_by_role("button", name="Place the order").count():
        fill_checkout(page, OK)
        page.get_by_role("button", name="Place the order").click()
    placed(page)
    assert len(orders(page)) == 1


def test_enter_held_down_on_a_slow_network_makes_one_order(page: Page) -> None:
    apples_at_the_checkout(page)
    slow_down(page)
    page.get_by_label("City").focus()
    for _ in range(10):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    placed(page)
    assert len(orders(page)) == 1


def test_a_duplicated_tab_leads_to_the_same_order(page: Page, context: BrowserContext) -> None:
    find(page, "apples")
    add(page)
    expect(page.locator("#added")).to_contain_text("In your cart")
    other = context.new_page()
    for tab in (page, other):
        tab.goto("/checkout")
        fill_checkout(tab, OK)
        slow_down(tab)
    for tab in (page, other):
        tab.get_by_role("button", name="Place the order").click(no_wait_after=True)
    assert placed(page) == placed(other)
    assert len(orders(page)) == 1


def test_a_page_out_of_the_cache_frees_its_button_and_shows_the_present_cart(page: Page) -> None:
    find(page, "apples")
    product = page.url
    add(page)
    expect(page.locator("#added")).to_contain_text("In your cart")
    expect(page.locator("#me .count")).to_contain_text("1")
    page.evaluate("""document.querySelector("#main form button").setAttribute("aria-disabled", "true")""")
    page.get_by_role("link", name="See the cart").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#cart")).to_contain_text("Your cart is empty")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    back(page)
    expect(page).to_have_url(product)
    assert page.evaluate("window.wasRestored")
    expect(page.locator("#me .count")).to_have_count(0)
    button = page.get_by_role("button", name="Add to cart")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    button.click()
    expect(page.locator("#me .count")).to_contain_text("1")
