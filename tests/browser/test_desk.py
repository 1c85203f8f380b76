"""Working in the back office: an order picked, packed, dispatched and refunded in part; the keyboard; two at once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import OpenShop
from tests.browser.journeys import OK, add, check_out, find, placed

PATIENCE = 30_000


@pytest.fixture
def desk(context: BrowserContext, shop: OpenShop) -> Page:
    """A page of somebody who works in the back office."""
    page = context.new_page()
    page.goto("/desk/orders")
    page.get_by_text("For operators").click()
    page.get_by_label("Token").fill(shop.client.bearer("back_office")["Authorization"].removeprefix("Bearer "))
    page.get_by_role("button", name="Sign in with the token").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Orders")
    return page


@pytest.fixture
def number(chromium: Browser, shop: OpenShop) -> Iterator[str]:
    """The number of an order over three packages of rice, placed in another browser."""
    context = chromium.new_context(base_url=shop.address)
    page = context.new_page()
    find(page, "rice")
    add(page, 3)
    expect(page.locator("#added")).to_contain_text("In your cart")
    check_out(page, OK)
    placed(page)
    yield page.get_by_role("heading", level=1).inner_text().split("Order ")[1].split(" ")[0]
    context.close()


def follows(page: Page, text: str) -> None:
    """What was done elsewhere shows without a look at the page by hand."""
    expect(page.locator("main")).to_contain_text(text, timeout=PATIENCE)


def test_an_order_leaves_the_house_and_part_of_its_money_goes_back(
    desk: Page, number: str, context: BrowserContext
) -> None:
    desk.get_by_label("Number, customer, SKU").fill(number.lower())
    desk.get_by_label("Number, customer, SKU").press("Enter")
    desk.get_by_role("link", name=number).click()
    follows(desk, "Parcel 1")
    order = desk.url
    desk.get_by_role("link", name="Parcel 1").click()
    desk.get_by_role("link", name="Slip to print").click()
    expect(desk.get_by_role("img", name=f"Bar code of {number}")).to_be_visible()
    desk.get_by_role("link", name="Back to the parcel").click()
    desk.get_by_role("button", name="Picked, all of it").click()
    desk.get_by_role("button", name="Packed").click()
    desk.get_by_label("Carrier").fill("UPS")
    desk.get_by_label("Tracking number").fill("1Z 999 AA1")
    desk.get_by_role("button", name="Dispatched").click()
    expect(desk.locator(".next")).to_contain_text("UPS 1Z 999 AA1")
    other = context.new_page()
    other.goto(order)
    other.get_by_label("Reason").last.fill("Not sent yet")
    desk.goto(order)
    refund = desk.locator("form[action$='/refund']")
    refund.get_by_label("Amount").fill("five")
    refund.get_by_label("Reason").fill("One bag was torn")
    refund.get_by_role("button", name="Refund").click()
    expect(desk.locator(".summary")).to_be_focused()
    expect(desk.locator("#amount-fault")).to_have_text("Enter an amount, such as 12.50.")
    refund.get_by_label("Amount").fill("6.29")
    refund.get_by_role("button", name="Refund").click()
    follows(desk, "6.29 USD refunded.")
    expect(desk.locator(".pairs")).to_contain_text("$6.29")
    expect(desk.locator(".happened")).to_contain_text("Asked to refund 6.29 USD.")
    expect(desk.locator(".happened")).to_contain_text("One bag was torn")
    expect(other.locator("[data-changed]")).to_contain_text("This has changed", timeout=PATIENCE)
    expect(other.get_by_label("Reason").last).to_have_value("Not sent yet")


def test_lists_are_worked_through_by_keyboard(desk: Page, number: str) -> None:
    desk.keyboard.press("g")
    desk.keyboard.press("o")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Orders")
    desk.wait_for_url("**/desk/orders")
    desk.keyboard.press("/")
    expect(desk.get_by_label("Number, customer, SKU")).to_be_focused()
    desk.keyboard.type(f"{number} gj")
    expect(desk.get_by_label("Number, customer, SKU")).to_have_value(f"{number} gj")
    desk.keyboard.press("Escape")
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    expect(desk.locator("tbody [name=row]").first).to_be_checked()
    expect(desk.locator("[data-chosen]")).to_contain_text("1 chosen")
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_be_hidden()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(number)


def test_of_two_who_describe_a_product_the_second_sees_both_versions(desk: Page, context: BrowserContext) -> None:
    desk.goto("/desk/products?q=earl+grey")
    desk.locator("tbody a").first.click()
    other = context.new_page()
    other.goto(desk.url)
    other.get_by_label("Brand").fill("Their brand")
    other.get_by_role("button", name="Store").click()
    expect(other.get_by_label("Brand")).to_have_value("Their brand")
    desk.get_by_label("Brand").fill("My brand")
    desk.get_by_role("button", name="Store").click()
    expect(desk.locator(".summary")).to_contain_text("This was changed in the meantime")
    expect(desk.locator(".stored")).to_have_text("Stored now: Their brand")
    expect(desk.get_by_label("Brand")).to_have_value("My brand")
    desk.get_by_role("button", name="Store").click()
    expect(desk.get_by_label("Brand")).to_have_value("My brand")
    expect(desk.locator(".stored")).to_have_count(0)
