"""Promotions on the shop's pages: what a price was, what was taken off and why, and totals that changed meanwhile."""

from typing import Any

import pytest

from tests.support.fixtures.pages import UNREACHABLE, Browser, accepted, problem, step, usd
from tests.web.storefront.test_cart import CART, in_cart, line
from tests.web.storefront.test_checkout import CHECKOUT, LINE, METHODS, QUOTED, WISH, at_hand
from tests.web.storefront.test_orders import order, shown

HOSTILE = "<script>alert(1)</script> & {{ 7*7 }}"
OFF = step(-250, HOSTILE, "promotion", rule={"stream": "promotion-book", "revision": 1})
FREE = step(-499, "Free shipping", "promotion", rule={"stream": "promotion-book", "revision": 2})
MUGS, STANDARD = step(2500, rule=None), step(499, rule=None)
REDUCED = {"priceSteps": [MUGS, OFF], "total": usd(2250)}
FREE_DELIVERY = {**METHODS[0], "price": usd(0), "priceSteps": [STANDARD, FREE], "total": usd(2250)}


async def test_a_line_shows_what_it_was_and_what_each_promotion_took_off(browser: Browser) -> None:
    order_off = step(-225, "Order week", "promotion")
    reduced: dict[str, Any] = {"priceSteps": [step(2500), OFF, order_off], "total": usd(2025)}
    discounts = [{"reason": HOSTILE, "amount": usd(-250)}, {"reason": "Order week", "amount": usd(-325)}]
    tea = line(1, sku="TEA", title="Tea", priceSteps=[step(1250), step(-100, "Order week", "promotion")])
    await in_cart(browser, line(**reduced), {**tea, "total": usd(1150)}, discounts=discounts)
    page = await browser.get("/cart")
    assert page.texts(".line .sum") == ["Before $25.00 $20.25", "Before $12.50 $11.50"]
    assert page.texts(".price-steps li") == [f"{HOSTILE} −$2.50", "Order week −$2.25", "Order week −$1.00"]
    assert page.html.select("main script") == []
    assert page.text("#totals").split(" Delivery ") == [
        f"Goods $37.50 {HOSTILE} −$2.50 Order week −$3.25",
        "at the checkout Total without delivery $31.75",
    ]


async def test_an_agreed_price_names_its_reason(browser: Browser) -> None:
    steps = [step(2500), step(-500, '"><img src=x>', "agreed")]
    await in_cart(browser, line(priceSteps=steps, total=usd(2000)))
    page = await browser.get("/cart")
    assert page.texts(".price-steps li") == ['Agreed: "><img src=x> −$5.00']
    assert page.text("#totals dd:first-of-type") == "$20.00"


async def test_a_new_quantity_changes_the_steps_of_all_lines(browser: Browser) -> None:
    other = line(1, sku="TEA", priceSteps=[step(1250), OFF], total=usd(1000))
    await in_cart(browser, line(3), other)
    browser.write.answers(f"PATCH /carts/{CART}/items/MUG.1", accepted(12, 4))
    page = await browser.post("/cart/items/MUG.1", script=True, quantity="3", key="k")
    assert page.texts("[id^=sum-]") == ["$37.50", "Before $12.50 $10.00"]
    assert page.texts("[id^=steps-]") == ["", f"{HOSTILE} −$2.50"]
    assert len(page.html.select("[id^=key-]")) == 1


async def test_the_checkout_shows_the_steps_of_lines_and_of_free_shipping(browser: Browser) -> None:
    await at_hand(browser, {**LINE, **REDUCED}, methods=[FREE_DELIVERY], total=usd(2250))
    page = await browser.get("/checkout")
    assert page.texts(".choice > .num") == ["Before $4.99 Free"]
    assert page.texts(".choice small")[:1] == ["To your address, $22.50 in all Free shipping −$4.99"]
    assert page.texts(".stub table tr") == ["A mug 2 at $12.50 $22.50", "Price $25.00", f"{HOSTILE} −$2.50"]
    assert page.text("#totals") == "Goods $22.50 Delivery: Standard Free Price $4.99 Free shipping −$4.99 Total $22.50"


async def test_the_moment_of_the_quote_is_sent_as_it_was_shown(browser: Browser) -> None:
    await at_hand(browser)
    quoted = (await browser.get("/checkout")).field("[name=quoted_at]")
    browser.write.answers("POST /checkouts", accepted(20, 2, checkout_id=CHECKOUT))
    await browser.post("/checkout", **WISH, quoted_at=quoted)
    await browser.post("/checkout", **WISH, quoted_at="yesterday")
    bodies = [it.body or {} for it in browser.write.sent]
    assert [it.get("quoted_at") for it in bodies] == [QUOTED, None]


async def test_a_busy_shop_is_asked_again_for_the_same_quote(browser: Browser) -> None:
    await at_hand(browser, quotedAt="2026-11-30T12:05:00+00:00")
    browser.write.answers("POST /checkouts", UNREACHABLE)
    page = await browser.post("/checkout", **WISH, quoted_at=QUOTED)
    assert (page.status, page.field("[name=key]"), page.field("[name=quoted_at]")) == (503, "k", QUOTED)


def changed(*changes: dict[str, Any]) -> Any:
    fault = {"field": "total_seen", "reason": "The total is 31.99 USD."}
    told = {"seen": usd(2250), "current": usd(2899), "changed": list(changes)}
    return problem(409, "total-changed", errors=[fault], **told)


async def test_a_changed_total_names_what_differs_and_is_agreed_to_with_one_button(browser: Browser) -> None:
    """Also where the read model, from which the form is made, is behind."""
    behind = [FREE_DELIVERY, METHODS[1]]
    await at_hand(browser, {**LINE, **REDUCED}, methods=behind, total=usd(2250))
    other = step(-100, HOSTILE, "promotion", rule={"stream": "promotion-book", "revision": 3})
    line_changed = {"sku": "MUG", "seen": REDUCED["priceSteps"], "now": [MUGS, other]}
    delivery_changed = {"sku": None, "seen": [STANDARD, FREE], "now": [STANDARD]}
    browser.write.answers("POST /checkouts", changed(line_changed, delivery_changed))
    page = await browser.post("/checkout", **WISH, quoted_at=QUOTED)
    assert (page.status, page.text(".summary")) == (422, "The total has changed. Nothing was bought.")
    assert page.rows(".changed tr") == [
        ["What changed", "Was", "Is now"],
        ["A mug", "$22.50", "$24.00"],
        ["Price", "$25.00", "$25.00"],
        [HOSTILE, "−$2.50", ""],
        [HOSTILE, "", "−$1.00"],
        ["Delivery", "Free", "$4.99"],
        ["Price", "$4.99", "$4.99"],
        ["Free shipping", "−$4.99", ""],
        ["Total", "$22.50", "$28.99"],
    ]
    assert page.texts(".changed button") == ["Agree and place the order"]
    assert page.text("#totals") == "Goods $24.00 Delivery: Standard $4.99 Total $28.99"
    assert page.field("[name='total.standard']") == "2899"
    assert page.field("[name='total.pickup']") == "2500"
    browser.write.answers("POST /checkouts", accepted(20, 2, checkout_id=CHECKOUT))
    fields: dict[str, Any] = {str(it["name"]): it["value"] for it in page.html.select("form.checkout [type=hidden]")}
    await browser.post("/checkout", **{**WISH, **fields})
    first, second = browser.write.sent
    assert (second.body or {})["total_seen"] == usd(2899)
    assert first.headers["Idempotency-Key"] != second.headers["Idempotency-Key"]


@pytest.mark.parametrize("changes", [[], [{"sku": "MUG", "seen": None, "now": [MUGS]}]])
async def test_a_total_that_changed_otherwise_is_shown_with_what_is_known(browser: Browser, changes: Any) -> None:
    await at_hand(browser)
    browser.write.answers("POST /checkouts", changed(*changes))
    page = await browser.post("/checkout", **WISH)
    rows = [["A mug", "", "$25.00"] for _ in changes]
    assert page.rows(".changed tbody tr") == [*rows, ["Total", "$22.50", "$28.99"]]


async def test_the_receipt_has_the_steps_of_lines_and_delivery(browser: Browser) -> None:
    delivery = {"method": "standard", "price": usd(0), "address": None, "priceSteps": [step(499, "standard"), FREE]}
    found = order(delivery=delivery)
    found["lines"][0] |= {"priceSteps": [step(2500, "2 x 12.50 USD"), OFF], "total": usd(2250)}
    page = await shown(browser, found)
    assert page.texts(".stub tr")[:-1] == [
        "A mug & <more> $22.50",
        "2 x 12.50 USD $25.00",
        f"{HOSTILE} −$2.50",
        "Delivery: Standard Free",
        "Price $4.99",
        "Free shipping −$4.99",
    ]
    assert page.html.select("main script") == []
