"""Buying: 3-D Secure, another card after a decline, no JavaScript, the keyboard alone at 200 % zoom."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OpenShop
from tests.browser.journeys import CONFIRMS, DECLINED, OK, add, check_out, fill_checkout, find, placed
from tests.browser.walks import MEASURE

BEFORE_THE_NEXT_LOOK = 10_000
"""Milliseconds; without live updates the page looks again every 15 s."""


def test_two_are_found_bought_with_confirmation_at_the_bank_and_followed(page: Page) -> None:
    find(page, "coffe dark")
    expect(page.get_by_role("heading", level=1)).to_have_text("Whole bean coffee, dark roast, 12 oz")
    add(page, 2)
    expect(page.locator("#added")).to_contain_text("In your cart")
    expect(page.locator("#me .count")).to_contain_text("1")
    page.get_by_role("link", name="See the cart").click()
    expect(page.locator("#totals")).to_contain_text("$17.98")
    page.get_by_role("link", name="Check out").click()
    expect(page.locator("#totals .sum.num")).to_have_text("$22.97")
    page.get_by_role("radio", name="Express").check()
    expect(page.locator("#totals .sum.num")).to_have_text("$27.97")
    fill_checkout(page, CONFIRMS)
    page.get_by_role("button", name="Place the order").click()
    page.get_by_role("link", name="Go to your bank").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Test bank")
    page.get_by_role("button", name="Yes, pay").click()
    order = placed(page)
    expect(page.locator(".stub .sum .num")).to_have_text("$27.97")
    expect(page.locator(".strip")).to_contain_text("Your bank asked you to confirm the payment")
    expect(page.locator(".stub .why").first).to_contain_text("2 x")
    page.goto("/orders")
    page.locator(".orders a").first.click()
    assert page.url == order
    page.goto("/cart")
    expect(page.locator("#cart")).to_contain_text("You bought this cart.")


def test_an_open_order_page_shows_a_change_when_it_happens(page: Page, shop: OpenShop) -> None:
    find(page, "earl grey")
    add(page)
    expect(page.locator("#added")).to_contain_text("In your cart")
    check_out(page, OK)
    order_id = placed(page).rpartition("/")[2]
    with page.expect_response(lambda response: "/_/live" in response.url):
        page.reload()
    shop.client.command("POST", f"/orders/{order_id}/cancel", "back_office", reason="Broken in the warehouse")
    expect(page.get_by_role("heading", level=1)).to_contain_text("was cancelled", timeout=BEFORE_THE_NEXT_LOOK)
    expect(page.locator(".live")).to_have_count(0)


def test_another_card_pays_after_a_decline(page: Page) -> None:
    find(page, "earl grey")
    add(page)
    expect(page.locator("#added")).to_contain_text("In your cart")
    check_out(page, DECLINED)
    expect(page.get_by_role("heading", level=1)).to_have_text("The card was not accepted")
    expect(page.locator("#status")).to_contain_text("Your bank declined the payment. Nothing was charged")
    page.get_by_role("link", name="Choose another card").click()
    page.get_by_role("radio", name=OK).check()
    page.get_by_role("button", name="Pay $9.48").click()
    placed(page)


def test_a_payment_that_is_denied_at_the_bank_can_be_given_up(page: Page) -> None:
    find(page, "earl grey")
    add(page)
    expect(page.locator("#added")).to_contain_text("In your cart")
    check_out(page, CONFIRMS)
    page.get_by_role("link", name="Go to your bank").click()
    page.get_by_role("button", name="No").click()
    expect(page.locator("#status")).to_contain_text("The payment was not confirmed at your bank.")
    page.get_by_role("button", name="Cancel and change the cart").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was bought")
    page.get_by_role("link", name="Back to the cart").click()
    expect(page.locator(".line h2")).to_have_text("Earl Grey tea, 20 ct")


def test_everything_can_be_bought_without_javascript(chromium: Browser, shop: OpenShop) -> None:
    context = chromium.new_context(base_url=shop.address, java_script_enabled=False)
    page = context.new_page()
    find(page, "rice")
    add(page, 3)
    expect(page.get_by_role("heading", level=1)).to_have_text("Cart")
    page.get_by_label("Quantity of Long grain rice").fill("2")
    page.get_by_role("button", name="Update").click()
    expect(page.locator("#totals")).to_contain_text("$12.58")
    page.get_by_role("link", name="Check out").click()
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator(".summary")).to_contain_text("Enter the recipient's name.")
    page.get_by_role("radio", name="Pickup").check()
    page.get_by_role("radio", name=OK).check()
    page.get_by_role("button", name="Place the order").click()
    placed(page)
    context.close()


def test_everything_can_be_bought_by_keyboard_at_twice_the_size(chromium: Browser, shop: OpenShop) -> None:
    zoomed = chromium.new_context(base_url=shop.address, viewport={"width": 640, "height": 450}, device_scale_factor=2)
    page = zoomed.new_page()
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("spaghetti")
    page.keyboard.press("Enter")
    card = page.locator(".card").first
    card.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add to cart").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("Added. 1 thing in the cart.")
    expect(page.get_by_role("button", name="Add to cart")).to_be_focused()
    faults = page.evaluate(MEASURE)
    page.goto("/cart")
    field = page.get_by_label("Quantity of Spaghetti")
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("Spaghetti, 16 oz: quantity 3, $5.67. Cart $5.67")
    expect(page.locator(".line .sum")).to_have_text("$5.67")
    expect(page.locator("#totals")).to_contain_text("$5.67")
    expect(field).to_be_focused()
    expect(field).to_have_value("3")
    page.keyboard.press("Control+a")
    page.keyboard.type("99999")
    page.keyboard.press("Enter")
    expect(page.locator(".line .fault")).not_to_be_empty()
    fault = page.locator(".line .fault").inner_text()
    expect(page.locator("#live")).to_have_text(fault)
    expect(field).to_have_accessible_description(fault)
    expect(field).to_be_focused()
    assert page.locator(".line .sum").inner_text() == "$5.67"
    faults += page.evaluate(MEASURE)
    page.get_by_role("link", name="Check out").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Place the order").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".summary")).to_be_focused()
    expect(page.get_by_label("City")).to_have_accessible_description("Enter the town or city.")
    faults += page.evaluate(MEASURE)
    page.get_by_role("radio", name="Standard").focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Pickup")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("radio", name=OK)).to_be_checked()
    page.get_by_role("button", name="Place the order").focus()
    page.keyboard.press("Enter")
    placed(page)
    assert faults + page.evaluate(MEASURE) == []
    zoomed.close()
