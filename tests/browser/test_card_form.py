"""Stripe's card form, with a script in place of Stripe's: what it is given, what it gives, and that the policy lets it.

The pages run here, over APIs that answer what the test says: no shop is paid at Stripe for the length of one journey.
"""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect

from tests.support.fixtures.pages import Browser, accepted, browsing, data
from tests.web.storefront.test_checkout import CART, CHECKOUT, at_hand, paying
from web.app import create_app
from web.ports import Shop, StripeForm

STAND_IN = """
window.made = 0;
window.Stripe = (key) => ({
  elements: (given) => {
    window.given = { key, ...given };
    return {
      create: () => ({
        on() {},
        mount(place) {
          const frame = document.createElement("iframe");
          frame.title = "Card";
          frame.src = "https://js.stripe.com/stand-in.html";
          place.append(frame);
        },
      }),
      update: (changed) => Object.assign(window.given, changed),
      submit: async () => (window.typed ? {} : { error: { message: "Your card number is incomplete." } }),
    };
  },
  createConfirmationToken: async () => ({ confirmationToken: { id: `ctoken_${++window.made}` } }),
});
"""


@dataclass(slots=True)
class Served:
    """The pages on a port, and the APIs behind them."""

    address: str
    pages: Browser


@pytest.fixture
def served() -> Iterator[Served]:
    ready, stopped, made = threading.Event(), threading.Event(), list[Served]()

    async def serve() -> None:
        sock = uvicorn.Config(app="", port=0).bind_socket()
        address = f"http://127.0.0.1:{sock.getsockname()[1]}"
        async with browsing(Shop(address=address, stripe=StripeForm(key="pk_test_1", scale=1.0))) as pages:
            await at_hand(pages)
            pages.write.answers("POST /checkouts", accepted(20, 2, checkout_id=CHECKOUT))
            pages.read.answers("CheckoutStatus", data(checkout=paying("FAILED", failure="CARD_DECLINED")))
            pages.write.answers(f"POST /checkouts/{CHECKOUT}/payments", accepted(21, 3))
            server = uvicorn.Server(uvicorn.Config(create_app(pages.ports), log_config=None, access_log=False))
            serving = asyncio.create_task(server.serve([sock]))
            made.append(Served(address, pages))
            ready.set()
            await asyncio.to_thread(stopped.wait)
            server.should_exit = True
            await serving

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(20)
    yield made[0]
    stopped.set()
    thread.join()


@pytest.fixture
def page(chromium: Chromium, served: Served) -> Iterator[Page]:
    """A guest with a cart. Only Stripe is asked for anything from elsewhere, and the policy refuses nothing."""
    context = chromium.new_context(base_url=served.address)
    context.add_cookies([{"name": "s", "value": "secret-0", "url": served.address}])
    faults = list[str]()

    def elsewhere(route: Route) -> None:
        script = route.request.url.endswith("/stripe.js")
        if not route.request.url.startswith("https://js.stripe.com/"):
            faults.append(route.request.url)
        kind = "text/javascript" if script else "text/html"
        route.fulfill(body=STAND_IN if script else "<!doctype html><title>Card</title>", content_type=kind)

    context.route(lambda url: not url.startswith(served.address), elsewhere)
    page = context.new_page()
    page.on("console", lambda it: faults.append(it.text) if "Content Security Policy" in it.text else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


def test_a_card_is_paid_with_by_a_token_and_another_after_a_decline(page: Page, served: Served) -> None:
    page.goto("/checkout")
    expect(page.frame_locator("#card iframe").locator(":root")).to_be_attached()
    assert page.evaluate("[given.key, given.amount, given.currency, given.captureMethod]") == [
        "pk_test_1",
        2999,
        "usd",
        "manual",
    ]
    page.get_by_role("radio", name="Pickup").check()
    page.wait_for_function("given.amount === 2500")
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("alert").filter(has_text="incomplete")).to_be_visible()
    assert served.pages.write.to("/checkouts") == []

    page.evaluate("window.typed = true")
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The card was not accepted")
    (sent,) = served.pages.write.to("/checkouts")
    assert sent.body is not None
    assert (sent.body["cart_id"], sent.body["payment_method"]) == (CART, "ctoken_1")
    assert page.evaluate("typeof Stripe") == "undefined"

    page.get_by_role("link", name="Choose another card").click()
    page.evaluate("window.typed = true")
    page.get_by_role("button", name="Pay $29.99").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The card was not accepted")
    (again,) = served.pages.write.to(f"/checkouts/{CHECKOUT}/payments")
    assert again.body == {"payment_method": "ctoken_1"}
