"""The cart page: what a shopper sees and changes, and how it holds when the APIs do not answer as hoped."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import asdict

from tests.support.fixtures.pages import (
    GUEST_SESSION,
    NOW,
    UNREACHABLE,
    Browser,
    Page,
    accepted,
    data,
    failed,
    problem,
    step,
    usd,
)

CART = "cart-1"
MUG = {
    "productId": "4711",
    "title": "A mug",
    "brand": "Potters",
    "category": {"path": [{"name": "Kitchen"}, {"name": "Cups"}]},
}


def line(quantity: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "sku": "MUG.1",
        "title": "A mug",
        "quantity": quantity,
        "baseQuantity": 1,
        "unitPrice": usd(1250),
        "priceSteps": [step(more["total"]["amount"] if "total" in more else 1250 * quantity)],
        "total": usd(1250 * quantity),
        "priceNow": usd(1250),
        "product": MUG,
        **more,
    }


def cart(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    total = usd(sum(it["total"]["amount"] for it in lines))
    known: dict[str, Any] = {"cartId": CART, "status": "OPEN", "checkoutId": None, "total": total, "discounts": []}
    return {**known, "lines": list(lines), **more}


async def in_cart(browser: Browser, *lines: dict[str, Any], **more: Any) -> None:
    await browser.begin(cart=CART, cart_revision=3, carts=0)
    browser.read.answers("Cart", data(cart=cart(*lines, **more)))


async def test_a_visitor_without_a_session_has_an_empty_cart_and_gets_no_cookie(browser: Browser) -> None:
    page = await browser.get("/cart")
    assert (page.status, page.text("#cart p:first-child")) == (200, "Your cart is empty.")
    assert "set-cookie" not in page.response.headers
    assert page.response.headers["cache-control"] == "no-store"


async def test_the_cart_shows_lines_sums_and_total(browser: Browser) -> None:
    await in_cart(
        browser, line(), line(1, sku="TEA", title="Tea", total=usd(399), unitPrice=usd(399), priceNow=usd(399))
    )
    page = await browser.get("/cart")
    assert page.texts(".line h2") == ["A mug", "Tea"]
    assert page.texts(".line .sum") == ["$25.00", "$3.99"]
    assert page.text("#totals dd:first-of-type") == "$28.99"
    assert page.text("#me a[href='/cart']") == "Cart 2 things"


async def test_what_sellers_typed_is_shown_as_text(browser: Browser) -> None:
    await in_cart(browser, line(title="<script>alert(1)</script> & {{ 7*7 }}", product=None))
    page = await browser.get("/cart")
    assert page.texts(".line h2") == ["<script>alert(1)</script> & {{ 7*7 }}"]
    assert [it.get("src") for it in page.html.select("main img, main script")] == []


async def test_the_first_thing_opens_a_session_and_a_cart(browser: Browser) -> None:
    browser.write.answers("POST /sessions", GUEST_SESSION)
    browser.write.answers("POST /carts", accepted(10, 0, cart_id=CART))
    browser.write.answers(f"POST /carts/{CART}/items", accepted(11, 1))
    page = await browser.post("/cart/items", sku="MUG.1", quantity="2")
    assert (page.status, page.location) == (303, "/cart")
    assert browser.session.cart == CART
    assert (browser.session.cart_revision, browser.session.position) == (1, "11")
    assert [it.body for it in browser.write.sent] == [None, {"items": []}, {"items": [{"sku": "MUG.1", "quantity": 2}]}]
    cookie, marker = page.response.headers.get_list("set-cookie")
    assert cookie == "s=secret-1; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax"
    assert marker == "m=1; Max-Age=2592000; Path=/; SameSite=lax"


async def test_a_double_click_is_one_wish_and_a_later_click_a_second(browser: Browser) -> None:
    await browser.begin(cart=CART, cart_revision=3)
    browser.write.answers(f"POST /carts/{CART}/items", accepted(11, 4), accepted(11, 4), accepted(12, 5))
    for quantity in ("2", "2", "1"):
        await browser.post("/cart/items", sku="MUG.1", quantity=quantity)
    await browser.begin(**{**asdict(browser.session), "added_at": NOW.timestamp() - 1})
    await browser.post("/cart/items", sku="MUG.1", quantity="1")
    first, again, other, later = (it.headers["Idempotency-Key"] for it in browser.write.sent)
    assert first == again
    assert len({first, other, later}) == 3


async def test_what_was_removed_can_be_put_back_at_once(browser: Browser) -> None:
    await browser.begin(cart=CART, cart_revision=3)
    browser.write.answers(f"POST /carts/{CART}/items", accepted(11, 4), accepted(13, 6))
    browser.write.answers(f"DELETE /carts/{CART}/items/MUG.1", accepted(12, 5))
    await browser.post("/cart/items", sku="MUG.1", quantity="1")
    await browser.post("/cart/items/MUG.1/remove", key="k")
    await browser.post("/cart/items", sku="MUG.1", quantity="1")
    first, _, second = (it.headers["Idempotency-Key"] for it in browser.write.sent)
    assert first != second


async def test_clicks_that_come_at_the_same_time_are_one_wish(browser: Browser) -> None:
    await browser.begin(cart=CART, cart_revision=3)
    browser.write.answers(f"POST /carts/{CART}/items", accepted(11, 4))
    await asyncio.gather(*(browser.post("/cart/items", sku="MUG.1", quantity="2") for _ in range(3)))
    assert len({it.headers["Idempotency-Key"] for it in browser.write.sent}) == 1


async def test_a_cart_that_was_bought_is_replaced_by_a_new_one(browser: Browser) -> None:
    await browser.begin(cart=CART, cart_revision=3)
    bought = problem(409, "cart-is-checked-out", checkout_id="c-1", stands="bought")
    browser.write.answers(f"POST /carts/{CART}/items", bought)
    browser.write.answers("POST /carts", accepted(10, 0, cart_id="cart-2"))
    browser.write.answers("POST /carts/cart-2/items", accepted(11, 1))
    assert (await browser.post("/cart/items", sku="MUG.1", quantity="1")).location == "/cart"
    assert (browser.session.cart, browser.session.carts) == ("cart-2", 1)


async def test_a_cart_that_is_being_bought_leads_to_its_checkout(browser: Browser) -> None:
    await browser.begin(cart=CART)
    under_way = problem(409, "cart-is-checked-out", checkout_id="c-1", stands="under way")
    browser.write.answers(f"POST /carts/{CART}/items", under_way)
    assert (await browser.post("/cart/items", sku="MUG.1", quantity="1")).location == "/checkout/c-1"


async def test_a_new_quantity_is_sent_with_the_key_of_the_form(browser: Browser) -> None:
    await in_cart(browser, line())
    key = (await browser.get("/cart")).field("#key-MUG_-1")
    browser.write.answers(f"PATCH /carts/{CART}/items/MUG.1", accepted(12, 4))
    page = await browser.post("/cart/items/MUG.1", quantity="3", key=key)
    assert (page.status, page.location) == (303, "/cart")
    (sent,) = browser.write.sent
    named = {"Authorization": "Bearer token-1", "X-Forwarded-For": "127.0.0.1"}
    assert (sent.body, sent.headers) == ({"quantity": 3}, {**named, "Idempotency-Key": key})


async def test_a_script_gets_the_parts_that_change_and_not_the_field(browser: Browser) -> None:
    await in_cart(browser, line(3))
    browser.write.answers(f"PATCH /carts/{CART}/items/MUG.1", accepted(12, 4))
    page = await browser.post("/cart/items/MUG.1", script=True, quantity="3", key="k")
    assert [it["id"] for it in page.html.select("[hx-swap-oob]")] == [
        "fault-MUG_-1",
        "key-MUG_-1",
        "live",
        "sum-MUG_-1",
        "steps-MUG_-1",
        "totals",
    ]
    assert page.text("#sum-MUG_-1") == "$37.50"
    assert page.text("#live") == "A mug: quantity 3, $37.50. Cart $37.50"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", "Enter a whole number, such as 2."),
        ("two", "Enter a whole number, such as 2."),
        ("2.5", "Enter a whole number, such as 2."),
        ("-1", "Enter a whole number, such as 2."),
        ("１", "Enter a whole number, such as 2."),
        ("0", "Enter 1 or more, or remove it."),
    ],
)
async def test_a_quantity_that_is_none_is_refused_at_its_field(browser: Browser, typed: str, fault: str) -> None:
    await in_cart(browser, line())
    page = await browser.post("/cart/items/MUG.1", quantity=typed, key="k")
    assert (page.status, page.text("#fault-MUG_-1")) == (422, fault)
    field = page.html.select_one("#quantity-MUG_-1")
    assert field is not None
    assert (field["value"], field["aria-invalid"], field["aria-describedby"]) == (typed, "true", "fault-MUG_-1")
    assert browser.write.sent == []


async def test_a_refused_quantity_is_told_at_its_field(browser: Browser) -> None:
    await in_cart(browser, line())
    fault = {"field": "quantity", "reason": "The number is too large.", "fix": "Send 1000 or less."}
    browser.write.answers(f"PATCH /carts/{CART}/items/MUG.1", problem(422, "invalid-request", errors=[fault]))
    page = await browser.post("/cart/items/MUG.1", quantity="9999", key="k")
    assert (page.status, page.text("#fault-MUG_-1")) == (422, "The number is too large. Send 1000 or less.")


async def test_a_command_without_an_answer_is_sent_again_with_its_key(browser: Browser) -> None:
    await in_cart(browser, line())
    path = f"/carts/{CART}/items/MUG.1"
    browser.write.answers(f"PATCH {path}", UNREACHABLE, problem(503, "store-unavailable"), accepted(12, 4))
    assert (await browser.post("/cart/items/MUG.1", quantity="3", key="k")).status == 303
    assert [it.headers["Idempotency-Key"] for it in browser.write.to(path)] == ["k", "k", "k"]


async def test_a_command_that_stays_without_an_answer_is_503(browser: Browser) -> None:
    await in_cart(browser, line())
    browser.write.answers(f"PATCH /carts/{CART}/items/MUG.1", UNREACHABLE)
    page = await browser.post("/cart/items/MUG.1", quantity="3", key="k")
    assert (page.status, page.text("h1"), page.response.headers["retry-after"]) == (503, "The shop is busy", "1")


async def test_after_a_command_the_page_waits_for_its_position(browser: Browser) -> None:
    await in_cart(browser, line())
    await browser.begin(cart=CART, position="48", position_at=NOW.timestamp() - 29)
    await browser.get("/cart")
    asked = browser.read.sent[-1].body
    assert asked is not None
    assert asked["variables"] == {"cart": CART, "position": "48"}
    assert asked["query"].startswith("query Cart($cart: ID!, $position: Position!) @after(position: $position) {")


async def test_half_a_minute_later_it_does_not_wait(browser: Browser) -> None:
    await in_cart(browser, line())
    await browser.begin(cart=CART, position="48", position_at=NOW.timestamp() - 31)
    await browser.get("/cart")
    assert browser.read.sent[-1].body == {"query": browser.read.sent[-1].body["query"], "variables": {"cart": CART}}  # type: ignore[index]


async def test_a_page_that_is_behind_is_shown_and_says_so(browser: Browser) -> None:
    await browser.begin(cart=CART, position="48", position_at=NOW.timestamp())
    stale = failed("STALE", "cart")
    browser.read.answers("Cart", stale, data(cart=cart(line())))
    page = await browser.get("/cart")
    assert (page.status, page.texts(".line h2")) == (200, ["A mug"])
    assert page.text(".note").startswith("Your last change is stored, but this page may not show it yet.")


async def test_a_read_model_that_is_rebuilt_is_503_with_its_time(browser: Browser) -> None:
    await browser.begin(cart=CART)
    browser.read.answers("Cart", failed("REBUILDING", "cart", retry_after=5))
    page = await browser.get("/cart")
    assert (page.status, page.text("h1")) == (503, "This page is being prepared")
    assert page.response.headers["retry-after"] == "5"


async def test_a_cart_of_an_order_shows_the_order(browser: Browser) -> None:
    await in_cart(browser, line(), status="CHECKED_OUT", checkoutId="c-1")
    browser.read.answers("OrderExists", data(order={"orderId": "c-1"}))
    page = await browser.get("/cart")
    assert [it["href"] for it in page.html.select("#cart a")] == ["/orders/c-1", "/"]
    assert page.text("#me a[href='/cart']") == "Cart"


async def test_a_new_price_is_shown_and_can_be_taken(browser: Browser) -> None:
    await in_cart(browser, line(priceNow=usd(1300)))
    page = await browser.get("/cart")
    assert page.text(".note p") == "The price is now $13.00."
    browser.write.answers(f"POST /carts/{CART}/price-changes/accept", accepted(13, 5))
    assert (await browser.post("/cart/items/MUG.1/price", key="k")).location == "/cart"
    assert browser.write.sent[-1].body == {"skus": ["MUG.1"]}


async def test_a_form_that_was_sent_before_shows_what_it_made(browser: Browser) -> None:
    await in_cart(browser, line())
    browser.write.answers(f"PATCH /carts/{CART}/items/MUG.1", problem(422, "command-id-reused"))
    assert (await browser.post("/cart/items/MUG.1", quantity="4", key="k")).location == "/cart"


async def test_removing_answers_a_script_with_the_whole_cart(browser: Browser) -> None:
    await in_cart(browser)
    browser.write.answers(f"DELETE /carts/{CART}/items/MUG.1", accepted(13, 5))
    page: Page = await browser.post("/cart/items/MUG.1/remove", script=True, key="k")
    assert page.text("#live") == "The cart is empty"


@pytest.mark.parametrize("sku", ["..", "a b", "%2e%2e", "é"])
async def test_what_cannot_be_a_code_reaches_no_api(browser: Browser, sku: str) -> None:
    await in_cart(browser, line())
    assert (await browser.post(f"/cart/items/{sku}/remove", key="k")).status in (404, 405)
    assert browser.write.sent == []
