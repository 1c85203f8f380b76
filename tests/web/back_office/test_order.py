"""One order: what it shows, what may be done, and refusals at their fields."""

import pytest

from tests.support.fixtures.pages import Browser, accepted, data, problem, step, usd
from tests.web.back_office.answers import BOOKS, ORDER_ID, a_parcel, an_order, me, order_page, works

PAGE = f"/desk/orders/{ORDER_ID}"


async def test_a_part_of_the_money_is_refunded_with_a_reason(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page())
    page = await browser.get(PAGE)
    revision = page.field(f"form[action='{PAGE}/refund'] [name=revision]")
    browser.write.answers("POST /payments/pay-1/refunds", accepted(20, 6))
    done = await browser.post(f"{PAGE}/refund", key="k", revision=revision, amount="5.25", reason="Arrived late")
    assert (done.status, done.location) == (303, PAGE)
    (sent,) = browser.write.sent
    assert sent.body == {"amount": {"amount": 525, "currency": "USD"}, "reason": "Arrived late"}
    assert (sent.headers["Idempotency-Key"], sent.headers["If-Match"]) == ("k", '"5"')


@pytest.mark.parametrize("amount", ["", "0", "-1", "5.255", "five", "1e3", "1,2,3"])
async def test_what_is_no_amount_is_told_at_its_field_and_not_sent(browser: Browser, amount: str) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page())
    page = await browser.post(f"{PAGE}/refund", key="k", amount=amount)
    assert (page.status, page.text("#amount-fault")) == (422, "Enter an amount, such as 12.50.")
    assert page.text("#refund-reason-fault") == "Say why: it stays with the order."
    assert page.field("#amount") == amount
    assert browser.write.sent == []


async def test_an_order_is_cancelled_as_it_was_seen(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page())
    browser.write.answers(f"POST /orders/{ORDER_ID}/cancel", accepted(20, 4))
    done = await browser.post(f"{PAGE}/cancel", key="k", revision="3", reason="Asked to")
    assert done.location == PAGE
    assert browser.write.sent[0].headers["If-Match"] == '"3"'


async def test_when_somebody_was_faster_the_page_says_who_and_keeps_what_was_typed(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page(status="PLACED", revision=9))
    late = problem(412, "precondition-failed", revision=9, changed_by="staff:bo", changed_at="2026-11-30T11:59:00Z")
    browser.write.answers(f"POST /orders/{ORDER_ID}/cancel", late)
    browser.read.answers("DeskActor", data(actorName="Bo Diddley"))
    page = await browser.post(f"{PAGE}/cancel", key="k", revision="3", reason="Asked to")
    assert page.status == 409
    assert page.text(".summary").startswith("This was changed in the meantime Bo Diddley, 30 November 2026, 11:59.")
    assert page.field("#cancel-reason") == "Asked to"
    assert page.field(f"form[action='{PAGE}/cancel'] [name=revision]") == "9"


async def test_units_of_a_line_are_cancelled(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page())
    browser.write.answers(f"POST /orders/{ORDER_ID}/lines/MUG/cancel", accepted(20, 4))
    await browser.post(f"{PAGE}/lines/MUG/cancel", key="k", revision="3", quantity="1", reason="Broken")
    assert browser.write.sent[0].body == {"quantity": 1, "reason": "Broken"}
    page = await browser.post(f"{PAGE}/lines/MUG/cancel", key="k", quantity="0", reason="Broken")
    assert (page.status, page.text("#quantity-MUG-fault")) == (422, "Enter how many units, such as 1.")


ACTIONS = {"cancel": "orders", "lines/MUG/cancel": "orders", "refund": "refunds"}


@pytest.mark.parametrize("permission", ["orders", "refunds", "fulfilment", "audit"])
async def test_an_action_is_shown_to_those_who_may_do_it(browser: Browser, permission: str) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page(permission))
    page = await browser.get(PAGE)
    shown = {form["action"].removeprefix(f"{PAGE}/") for form in page.html.select("main form")}  # type: ignore[union-attr]
    assert shown == {action for action, needed in ACTIONS.items() if needed == permission}


async def test_an_action_that_is_sent_all_the_same_is_refused(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page("audit"))
    browser.write.answers(f"POST /orders/{ORDER_ID}/cancel", problem(403, "not-allowed"))
    page = await browser.post(f"{PAGE}/cancel", key="k", reason="x")
    assert (page.status, page.text("h1")) == (403, "You may not do this")


async def test_what_is_over_offers_nothing(browser: Browser) -> None:
    await works(browser)
    payment = {**an_order()["payment"], "refundable": usd(0)}
    browser.read.answers("DeskOrder", order_page(status="CANCELLED", payment=payment))
    page = await browser.get(PAGE)
    assert page.html.select("main form") == []


async def test_hostile_text_and_long_ids_are_shown_as_they_are(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page(shipments=[a_parcel("PICKED")]))
    page = await browser.get(PAGE)
    assert "A <b>mug</b>" in page.text(".receipt")
    assert page.texts(".happened div") == ["Parcel 1 planned. bo : x"]


async def test_a_missing_order_is_404(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", data(me=me(), order=None))
    assert (await browser.get(PAGE)).status == 404


async def test_steps_of_lines_and_delivery_lead_to_the_event_that_set_a_promotion(browser: Browser) -> None:
    await works(browser)
    rule = {"stream": "promotion-book", "revision": 7}
    delivery = {**an_order()["delivery"], "price": usd(0)}
    delivery["priceSteps"] = [*delivery["priceSteps"], step(-499, "<b>Free</b>", "promotion", rule=rule)]
    browser.read.answers("DeskOrder", order_page("audit", delivery=delivery))
    page = await browser.get(PAGE)
    assert page.texts(".receipt details") == [
        "Why $25.00 $25.00 2 x 12.50 USD",
        "Why $0.00 $4.99 standard −$4.99 <b>Free</b> ( promotion )",
    ]
    links = [it["href"] for it in page.html.select(".receipt details a")]
    assert links == ["/desk/history/promotion-book?event=7#moment"]
    browser.read.answers("DeskOrder", order_page("orders", delivery=delivery))
    assert (await browser.get(PAGE)).html.select(".receipt details li a") == []


async def test_an_order_fetches_itself_again_when_it_changes(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page())
    (part,) = (await browser.get(PAGE)).html.select("[data-live]")
    assert (part["data-live"], part["hx-get"], part["hx-trigger"]) == (
        "T3JkZXI6by0x",
        f"/_{PAGE}",
        "changed, every 15s",
    )
    again = await browser.fragment(f"/_{PAGE}")
    assert [it["id"] for it in again.html.select("[data-live]")] == ["order"]
    assert again.html.select("nav") == []
    assert again.response.headers["cache-control"] == "no-store"
    browser.sessions.kept.clear()
    assert (await browser.fragment(f"/_{PAGE}")).response.headers["hx-redirect"].startswith("/desk/login")


async def test_a_dispute_is_shown_with_what_it_cost(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page())
    money = (await browser.get(PAGE)).text("section[aria-labelledby=money]")
    for words in (
        "by hand at the gateway",
        "below zero",
        "needs response",
        "fraudulent; answer at the payment gateway",
    ):
        assert words in money


@pytest.mark.parametrize("status", ["NEEDS_RESPONSE", "UNDER_REVIEW", "LOST"])
async def test_a_dispute_that_bars_refunds_takes_the_place_of_the_form(browser: Browser, status: str) -> None:
    await works(browser)
    disputed = {**BOOKS, "disputes": [{**BOOKS["disputes"][0], "status": status}]}
    browser.read.answers("DeskOrder", order_page("refunds", books=disputed))
    page = await browser.get(PAGE)
    assert page.html.select_one("form[action$=refund]") is None
    assert "Nothing can be refunded" in page.text("section[aria-labelledby=money]")
