"""The checkout: the form, what the API says to it, and the page of what becomes of it."""

from typing import Any

import pytest

from tests.support.fixtures.pages import UNREACHABLE, Browser, accepted, data, failed, problem, step, usd
from web.ports import Reply

CART, CHECKOUT = "cart-1", "c-1"
QUOTED = "2026-11-30T12:00:00.5+00:00"
LINE = {
    "sku": "MUG",
    "title": "A mug",
    "quantity": 2,
    "baseQuantity": 1,
    "unitPrice": usd(1250),
    "priceSteps": [step(2500)],
    "total": usd(2500),
    "priceNow": usd(1250),
}
METHODS = [
    {"method": "standard", "price": usd(499), "priceSteps": [step(499)], "total": usd(2999), "toAddress": True},
    {"method": "pickup", "price": usd(0), "priceSteps": [step(0)], "total": usd(2500), "toAddress": False},
]
ADDRESS: dict[str, Any] = {
    "address.name": "Anna Berg",
    "address.street": "Bergstrasse 1",
    "address.postal_code": "8001",
    "address.city": "Zürich",
    "address.region": "",
    "address.country": "CH",
}
WISH: dict[str, Any] = {
    "delivery_method": "standard",
    "payment_method": "pm_card_ok",
    "total.standard": "2999",
    "key": "k",
    **ADDRESS,
}


async def at_hand(browser: Browser, line: dict[str, Any] = LINE, *, methods: Any = METHODS, **more: Any) -> None:
    await browser.begin(cart=CART)
    known = {"cartId": CART, "status": "OPEN", "checkoutId": None, "total": usd(2500), "quotedAt": QUOTED}
    cart = {**known, "lines": [line], **more}
    browser.read.answers("Checkout", data(cart=cart, deliveryMethods=methods))


async def test_the_form_shows_what_is_bought_and_what_each_delivery_costs(browser: Browser) -> None:
    await at_hand(browser)
    page = await browser.get("/checkout")
    assert page.texts("fieldset .choice .num") == ["$4.99", "Free"]
    assert page.text("dd.sum") == "$29.99"
    assert page.field("input[name='total.standard']") == "2999"
    assert page.html.select_one("[checked][name=payment_method]") is None


KEPT = {"name": "Anna", "postal_code": "8001", "city": "Bern", "region": "", "country": "CH", "for_billing": False}
BOOK = [
    {**KEPT, "address_id": "a-1", "street": "<b>Old</b> 1", "for_delivery": False},
    {**KEPT, "address_id": "a-2", "street": "New 2", "for_delivery": True},
]


@pytest.mark.parametrize(
    ("path", "street"),
    [("/checkout", "New 2"), ("/checkout?address=a-1", "<b>Old</b> 1"), ("/checkout?address=x", "New 2")],
)
async def test_a_shopper_who_has_signed_in_chooses_a_kept_address(browser: Browser, path: str, street: str) -> None:
    await at_hand(browser)
    await browser.begin(cart=CART, refresh="refresh-1")
    browser.write.answers("GET /account/addresses", Reply(200, {"addresses": BOOK}))
    browser.write.answers("GET /account", Reply(200, {"email": "anna@shop.example"}))
    page = await browser.get(path)
    assert page.field("#email") == "anna@shop.example"
    assert (page.field("#address-street"), page.field("#address-city")) == (street, "Bern")
    links = [it["href"] for it in page.html.select(".kept a")]
    assert links == ["/checkout?address=a-2", "/checkout?address=a-1"]


async def test_a_checkout_goes_on_without_the_address_book(browser: Browser) -> None:
    await at_hand(browser)
    await browser.begin(cart=CART, refresh="refresh-1")
    for path in ("/account", "/account/addresses"):
        browser.write.answers(f"GET {path}", problem(503, "store-unavailable"))
    page = await browser.get("/checkout")
    assert (page.status, page.field("#address-street"), page.html.select(".kept")) == (200, "", [])


async def test_the_address_for_mails_is_asked_for_and_may_be_left_out(browser: Browser) -> None:
    await at_hand(browser)
    assert (await browser.get("/checkout")).field("#email") == ""
    browser.write.answers("POST /checkouts", accepted(20, 2, checkout_id=CHECKOUT))
    await browser.post("/checkout", **WISH)
    await browser.post("/checkout", **{**WISH, "email": "anna@shop.example"})
    assert [sent.body["email"] if sent.body and "email" in sent.body else None for sent in browser.write.sent] == [
        None,
        "anna@shop.example",
    ]


async def test_another_delivery_has_another_total(browser: Browser) -> None:
    await at_hand(browser)
    page = await browser.fragment("/_/checkout?delivery_method=pickup")
    assert (page.text("dd.sum"), page.text("#live")) == ("$25.00", "Total $25.00")


async def test_the_wish_is_sent_with_the_total_that_was_seen(browser: Browser) -> None:
    await at_hand(browser)
    browser.write.answers("POST /checkouts", accepted(20, 2, checkout_id=CHECKOUT))
    page = await browser.post("/checkout", **{**WISH, "total.standard": "2899"})
    assert (page.status, page.location) == (303, f"/checkout/{CHECKOUT}")
    (sent,) = browser.write.sent
    assert sent.headers["Idempotency-Key"] == "k"
    assert sent.body == {
        "cart_id": CART,
        "total_seen": usd(2899),
        "delivery_method": "standard",
        "payment_method": "pm_card_ok",
        "address": {
            "name": "Anna Berg",
            "street": "Bergstrasse 1",
            "postal_code": "8001",
            "city": "Zürich",
            "region": "",
            "country": "CH",
        },
    }


async def test_who_fetches_the_goods_needs_no_address(browser: Browser) -> None:
    await at_hand(browser)
    browser.write.answers("POST /checkouts", accepted(20, 2, checkout_id=CHECKOUT))
    wish: dict[str, Any] = {"delivery_method": "pickup", "payment_method": "pm_card_ok", "total.pickup": "2500"}
    assert (await browser.post("/checkout", **wish)).status == 303
    assert browser.write.sent[0].body == {
        "cart_id": CART,
        "total_seen": usd(2500),
        "delivery_method": "pickup",
        "payment_method": "pm_card_ok",
    }


async def test_faults_stand_at_their_fields_and_what_was_typed_is_kept(browser: Browser) -> None:
    await at_hand(browser)
    typed: dict[str, Any] = {
        **WISH,
        "address.name": "",
        "address.street": "<b>Street</b>",
        "payment_method": "pm_other",
    }
    page = await browser.post("/checkout", **typed)
    assert page.status == 422
    assert page.text("#address-name-fault") == "Enter the recipient's name."
    assert page.text("#payment_method-fault") == "Choose a card."
    field = page.html.select_one("#address-name")
    assert field is not None
    assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "address-name-fault")
    assert page.field("#address-street") == "<b>Street</b>"
    assert page.field("input[name=key]") == "k"
    assert [it["href"] for it in page.html.select(".summary a")] == ["#payment_method", "#address-name"]
    assert browser.write.sent == []


async def test_faults_of_the_api_stand_at_their_fields(browser: Browser) -> None:
    await at_hand(browser)
    fault = {"field": "address.city", "reason": "The text is too long.", "fix": "Send at most 100 characters."}
    browser.write.answers("POST /checkouts", problem(422, "invalid-request", errors=[fault]))
    page = await browser.post("/checkout", **WISH)
    assert (page.status, page.text("#address-city-fault")) == (
        422,
        "The text is too long. Send at most 100 characters.",
    )
    assert page.field("input[name=key]") != "k"


@pytest.mark.parametrize(
    ("kind", "more", "leads_to"),
    [
        ("cart-is-checked-out", {"checkout_id": CHECKOUT, "stands": "under way"}, f"/checkout/{CHECKOUT}"),
        ("price-changed", {}, "/cart"),
        ("no-longer-sold", {}, "/cart"),
    ],
)
async def test_what_the_cart_decides_leads_there(browser: Browser, kind: str, more: Any, leads_to: str) -> None:
    await at_hand(browser)
    browser.write.answers("POST /checkouts", problem(409, kind, **more))
    assert (await browser.post("/checkout", **WISH)).location == leads_to


async def test_the_same_form_with_other_fields_shows_what_the_first_made(browser: Browser) -> None:
    await at_hand(browser)
    browser.write.answers("POST /checkouts", problem(422, "command-id-reused"))
    assert (await browser.post("/checkout", **WISH)).location == "/cart"


async def test_a_busy_shop_keeps_what_was_typed_and_the_key(browser: Browser) -> None:
    await at_hand(browser)
    browser.write.answers("POST /checkouts", UNREACHABLE)
    page = await browser.post("/checkout", **WISH)
    assert (page.status, page.response.headers["retry-after"]) == (503, "1")
    assert (page.field("#address-city"), page.field("input[name=key]")) == ("Zürich", "k")


@pytest.mark.parametrize(
    ("line", "more", "leads_to"),
    [
        (LINE, {"status": "CHECKED_OUT", "checkoutId": CHECKOUT}, f"/checkout/{CHECKOUT}"),
        ({**LINE, "priceNow": usd(1300)}, {}, "/cart"),
        ({**LINE, "priceNow": None}, {}, "/cart"),
    ],
)
async def test_a_cart_that_cannot_be_bought_leads_elsewhere(
    browser: Browser, line: Any, more: Any, leads_to: str
) -> None:
    await at_hand(browser, line, **more)
    assert (await browser.get("/checkout")).location == leads_to


async def test_without_a_cart_there_is_no_checkout(browser: Browser) -> None:
    assert (await browser.get("/checkout")).location == "/cart"


def checkout(phase: str = "AWAITING_PAYMENT", **more: Any) -> dict[str, Any]:
    known = {
        "id": "Q2hlY2tvdXQ6Yy0x",
        "checkoutId": CHECKOUT,
        "cartId": CART,
        "phase": phase,
        "rejection": None,
        "total": usd(2999),
    }
    return {**known, "payment": None, "order": None, **more}


def paying(status: str, **more: Any) -> dict[str, Any]:
    return checkout(payment={"status": status, "actionUrl": None, "failure": None, **more})


@pytest.mark.parametrize(
    ("found", "title", "follows"),
    [
        (checkout("RESERVING"), "Placing your order", True),
        (paying("PENDING"), "Placing your order", True),
        (paying("ACTION_REQUIRED", actionUrl="https://bank.test/1"), "Your bank wants you to confirm", True),
        (paying("FAILED", failure="CARD_DECLINED"), "The card was not accepted", False),
        (checkout("NEEDS_ATTENTION"), "We are looking into this order", False),
        (checkout("REJECTED", rejection="Not enough of MUG."), "Nothing was bought", False),
    ],
)
async def test_the_page_says_what_a_shopper_can_do(browser: Browser, found: Any, title: str, follows: bool) -> None:
    await browser.begin(cart=CART)
    browser.read.answers("CheckoutStatus", data(checkout=found))
    page = await browser.get(f"/checkout/{CHECKOUT}")
    assert (page.status, page.text("h1")) == (200, title)
    assert (page.html.select_one("#status[hx-get]") is not None) is follows


async def test_an_order_has_a_page_of_its_own(browser: Browser) -> None:
    await browser.begin(cart=CART)
    placed = checkout("PLACED", order={"orderId": CHECKOUT, "owed": usd(2999)})
    browser.read.answers("CheckoutStatus", data(checkout=placed))
    assert (await browser.get(f"/checkout/{CHECKOUT}")).location == f"/orders/{CHECKOUT}"
    part = await browser.fragment(f"/_/checkout/{CHECKOUT}")
    assert (part.status, part.response.headers["hx-redirect"]) == (204, f"/orders/{CHECKOUT}")


async def test_a_checkout_that_is_not_there_yet_is_followed(browser: Browser) -> None:
    await browser.begin(cart=CART, position="20", position_at=9e12)
    browser.read.answers("CheckoutStatus", failed("STALE", "checkout"), data(checkout=None))
    assert (await browser.get(f"/checkout/{CHECKOUT}")).text("h1") == "Placing your order"


async def test_the_checkout_of_another_shopper_is_not_there(browser: Browser) -> None:
    assert (await browser.get(f"/checkout/{CHECKOUT}")).status == 404
    await browser.begin(cart=CART)
    browser.read.answers("CheckoutStatus", data(checkout=None))
    assert (await browser.get(f"/checkout/{CHECKOUT}")).status == 404


async def test_another_card_is_another_payment(browser: Browser) -> None:
    await browser.begin(cart=CART)
    browser.write.answers(f"POST /checkouts/{CHECKOUT}/payments", accepted(30, 4))
    page = await browser.post(f"/checkout/{CHECKOUT}/payments", payment_method="pm_card_ok", key="k")
    assert (page.location, browser.write.sent[0].body) == (f"/checkout/{CHECKOUT}", {"payment_method": "pm_card_ok"})
    browser.read.answers("CheckoutStatus", data(checkout=paying("FAILED", failure="CARD_DECLINED")))
    page = await browser.post(f"/checkout/{CHECKOUT}/payments", payment_method="", key="k")
    assert (page.status, page.text("#payment_method-fault")) == (422, "Choose a card.")
    assert len(browser.write.sent) == 1


async def test_a_cancelled_checkout_is_followed_until_it_has_ended(browser: Browser) -> None:
    await browser.begin(cart=CART)
    browser.write.answers(f"POST /checkouts/{CHECKOUT}/cancel", accepted(30, 4))
    page = await browser.post(f"/checkout/{CHECKOUT}/cancel", cart_id=CART, key="k")
    browser.read.answers("CheckoutStatus", data(checkout=paying("FAILED")))
    assert (await browser.get(page.location)).text("h1") == "Cancelling"
    browser.read.answers("CheckoutStatus", data(checkout=checkout("CANCELLED")))
    assert (await browser.get(page.location)).text("h1") == "Nothing was bought"
