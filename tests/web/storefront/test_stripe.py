"""The checkout of a shop that is paid at Stripe: the card form, its policy, and the way to the bank and back."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.fixtures.pages import ADDRESS, Browser, Page, accepted, browsing, data, problem, usd
from tests.web.storefront.test_checkout import CART, CHECKOUT, WISH, at_hand, checkout, paying
from web.ports import Reply, Shop, StripeForm

KEY, TOKEN = "pk_test_counterfoil", "ctoken_1N2b3C"
JS = "https://js.stripe.com"
CONFIRMATION = f"GET /checkouts/{CHECKOUT}/confirmation"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with browsing(Shop(address=ADDRESS, stripe=StripeForm(key=KEY, scale=1.0))) as one:
        yield one


def directives(page: Page) -> dict[str, list[str]]:
    """What the page may load, by kind."""
    policy = page.response.headers["content-security-policy"]
    return {name: sources for name, *sources in (it.split() for it in policy.split(";"))}


def scripts(page: Page) -> list[str]:
    return [str(it["src"]) for it in page.html.select("script[src]")]


async def test_the_form_has_stripes_frame_and_the_amount_but_no_cards_of_ours(browser: Browser) -> None:
    await at_hand(browser)
    page = await browser.get("/checkout")
    form = page.html.select_one("form.checkout")
    assert form is not None
    assert [form[it] for it in ("data-stripe", "data-currency", "data-scale")] == [KEY, "usd", "1.0"]
    assert page.html.select("input[type=radio][name=payment_method]") == []
    assert page.field("input[name=payment_method]") == ""
    assert "needs JavaScript" in page.text("noscript")
    assert f"{JS}/dahlia/stripe.js" in scripts(page)
    assert page.html.select("[aria-disabled]") == []


async def test_the_pages_with_the_card_form_alone_may_load_stripe(browser: Browser) -> None:
    await at_hand(browser)
    browser.read.answers("CheckoutStatus", data(checkout=paying("FAILED")))
    for path in ("/checkout", f"/checkout/{CHECKOUT}/card"):
        page = await browser.get(path)
        policy = directives(page)
        assert JS in policy["script-src"]
        assert policy["frame-src"] == [JS, "https://*.js.stripe.com", "https://hooks.stripe.com"]
        assert policy["connect-src"] == ["'self'", "https://api.stripe.com"]
        assert policy["form-action"] == ["'self'"]
        assert "unsafe" not in page.response.headers["content-security-policy"]
        assert JS in page.response.headers["permissions-policy"]
    for path in (f"/checkout/{CHECKOUT}", "/account/login"):
        page = await browser.get(path)
        assert "stripe" not in page.response.headers["content-security-policy"]
        assert not any("stripe" in it for it in scripts(page))


async def test_the_token_of_the_card_form_is_sent_as_the_method(browser: Browser) -> None:
    await at_hand(browser)
    browser.write.answers("POST /checkouts", accepted(20, 2, checkout_id=CHECKOUT))
    page = await browser.post("/checkout", **{**WISH, "payment_method": TOKEN})
    assert (page.status, page.location) == (303, f"/checkout/{CHECKOUT}")
    (sent,) = browser.write.sent
    assert sent.body is not None
    assert sent.body["payment_method"] == TOKEN


@pytest.mark.parametrize("method", ["", "pm_card_ok", "ctoken_", "ctoken_../x", "4242424242424242"])
async def test_anything_but_a_token_is_asked_for_again(browser: Browser, method: str) -> None:
    await at_hand(browser)
    page = await browser.post("/checkout", **{**WISH, "payment_method": method})
    assert (page.status, browser.write.sent) == (422, [])
    assert "Choose a card." in page.text("#payment_method")


async def test_an_amount_that_stripe_cannot_take_is_said_on_the_form(browser: Browser) -> None:
    await at_hand(browser)
    fault = {"field": "total_seen", "reason": "The smallest payment is 0.50 USD. Buy something more."}
    refusal = problem(422, "not-chargeable", errors=[fault], detail=fault["reason"])
    browser.write.answers("POST /checkouts", refusal)
    page = await browser.post("/checkout", **{**WISH, "payment_method": TOKEN})
    assert page.status == 422
    assert "The smallest payment is 0.50 USD." in page.response.text


@pytest.mark.parametrize("found", [paying("FAILED"), paying("ACTION_REQUIRED", actionUrl="https://shop.test/c")])
async def test_who_was_declined_or_turns_back_pays_with_another_card(browser: Browser, found: Any) -> None:
    await browser.begin(cart=CART)
    browser.read.answers("CheckoutStatus", data(checkout=found))
    status = await browser.get(f"/checkout/{CHECKOUT}")
    assert f"/checkout/{CHECKOUT}/card" in [it["href"] for it in status.html.select("#status a")]
    page = await browser.get(f"/checkout/{CHECKOUT}/card")
    form = page.html.select_one("form[data-stripe]")
    assert form is not None
    assert (form["action"], form["data-total"]) == (f"/checkout/{CHECKOUT}/payments", str(usd(2999)["amount"]))
    browser.write.answers(f"POST /checkouts/{CHECKOUT}/payments", accepted(21, 3))
    paid = await browser.post(f"/checkout/{CHECKOUT}/payments", payment_method=TOKEN, key="k")
    assert (paid.status, paid.location) == (303, f"/checkout/{CHECKOUT}")


async def test_without_a_card_the_page_says_so_and_sends_nothing(browser: Browser) -> None:
    await browser.begin(cart=CART)
    browser.read.answers("CheckoutStatus", data(checkout=paying("FAILED")))
    page = await browser.post(f"/checkout/{CHECKOUT}/payments", payment_method="", key="k")
    assert (page.status, browser.write.sent) == (422, [])
    assert "Choose a card." in page.text("#payment_method")


async def test_a_checkout_that_waits_for_nothing_has_no_page_for_cards(browser: Browser) -> None:
    await browser.begin(cart=CART)
    browser.read.answers("CheckoutStatus", data(checkout=checkout("RESERVING")))
    assert (await browser.get(f"/checkout/{CHECKOUT}/card")).location == f"/checkout/{CHECKOUT}"


@pytest.mark.parametrize(
    ("url", "leads_to"), [("https://bank.test/3ds?secret=1", "https://bank.test/3ds?secret=1"), (None, None)]
)
async def test_the_address_of_the_bank_is_fetched_when_it_is_needed(
    browser: Browser, url: str | None, leads_to: str | None
) -> None:
    await browser.begin(cart=CART)
    browser.write.answers(CONFIRMATION, Reply(200, {"url": url}))
    page = await browser.get(f"/checkout/{CHECKOUT}/confirm")
    assert (page.status, page.location) == (303, leads_to or f"/checkout/{CHECKOUT}")
    assert page.response.headers["cache-control"] == "no-store"


async def test_back_from_the_bank_the_secret_leaves_the_address_and_nothing_is_decided(browser: Browser) -> None:
    await browser.begin(cart=CART)
    query = "payment_intent=pi_1&payment_intent_client_secret=pi_1_secret_2&redirect_status=succeeded"
    page = await browser.get(f"/checkout/{CHECKOUT}/confirmed?{query}")
    assert (page.status, page.location) == (303, f"/checkout/{CHECKOUT}")
    assert browser.write.sent == []
    assert not re.search("secret", str(page.response.headers))
