"""Orders: the list, one with its facts and receipt, its cancellation, and the link for others."""

from typing import Any

from tests.support.fixtures.pages import GUEST, Browser, accepted, data, problem, step, usd

ID = "c-1"


def moment(kind: str, minute: int, **more: Any) -> dict[str, Any]:
    return {"at": f"2026-11-30T12:{minute:02}:00+00:00", "kind": kind, "what": kind, "by": GUEST, "why": None, **more}


def order(status: str = "PLACED", **more: Any) -> dict[str, Any]:
    line = {
        "sku": "MUG",
        "title": "A mug & <more>",
        "quantity": 2,
        "dispatched": 0,
        "cancelled": 0,
        "priceSteps": [step(2500, "2 x 12.50 USD")],
        "total": usd(2500),
        "product": None,
    }
    return {
        "id": "T3JkZXI6Yy0x",
        "orderId": ID,
        "number": "7KQ4M-2XHTD",
        "status": status,
        "placedAt": "2026-11-30T12:02:00+00:00",
        "total": usd(2999),
        "owed": usd(2999),
        "lines": [line],
        "delivery": {"method": "standard", "price": usd(499), "priceSteps": [step(499, "standard")], "address": None},
        "payment": {"status": "AUTHORISED", "actionUrl": None, "captured": usd(0), "refunded": usd(0)},
        "shipments": [],
        "timeline": [
            moment("cart.checked_out.v4", 0),
            moment("payment.failed.v1", 1, why="card_declined", by="gateway"),
            moment("order.placed.v3", 2),
            moment("shipment.sailed.v9", 3, what="Parcel 1 sailed."),
        ],
        "link": {"token": "ab.cd-ef_1"},
        **more,
    }


async def shown(browser: Browser, found: Any, path: str = f"/orders/{ID}") -> Any:
    await browser.begin()
    browser.read.answers("Order", data(order=found))
    return await browser.get(path)


async def test_the_page_tells_what_happened_and_what_is_next(browser: Browser) -> None:
    page = await shown(browser, order())
    assert page.text("h1") == "Thank you. Order 7KQ4M-2XHTD is placed"
    assert page.texts(".strip li") == [
        "12:00 You checked out",
        "12:01 The payment failed Your bank declined it. Nothing was charged.",
        "12:02 Order placed Nothing is charged before it leaves the warehouse.",
        "12:03 Parcel 1 sailed.",
        "Handed to the carrier",
    ]


async def test_an_order_whose_hold_has_expired_is_paid_again(browser: Browser) -> None:
    payment = {"status": "HOLD_EXPIRED", "actionUrl": None, "captured": usd(0), "refunded": usd(0)}
    page = await shown(browser, order(payment=payment, owed=usd(1999)))
    assert "Pay $19.99 once more, so that your goods can leave." in page.text(".order .note")
    assert page.html.select_one(".order .note a")["href"] == f"/checkout/{ID}/card"
    page = await shown(browser, order(payment={**payment, "status": "ACTION_REQUIRED", "actionUrl": "/bank"}))
    assert page.html.select_one(".order .note a")["href"] == "/bank"
    page = await shown(browser, order())
    assert page.html.select_one(".order .note") is None


async def test_what_is_due_is_paid_again_on_the_page_for_cards(browser: Browser) -> None:
    await browser.begin()
    payment = {"status": "HOLD_EXPIRED", "actionUrl": None, "failure": None}
    found = {"id": "x", "checkoutId": ID, "cartId": "cart", "phase": "PLACED", "rejection": None, "total": usd(2999)}
    found |= {"payment": payment, "order": {"orderId": ID, "owed": usd(1999)}}
    browser.read.answers("CheckoutStatus", data(checkout=found))
    page = await browser.get(f"/checkout/{ID}/card")
    assert (page.status, page.text("main form .button")) == (200, "Pay $19.99")
    browser.read.answers("CheckoutStatus", data(checkout={**found, "payment": {**payment, "status": "CAPTURED"}}))
    assert (await browser.get(f"/checkout/{ID}/card")).location == f"/checkout/{ID}"


async def test_the_receipt_adds_up_and_explains_each_price(browser: Browser) -> None:
    page = await shown(browser, order())
    assert page.texts(".stub tr") == [
        "A mug & <more> $25.00",
        "2 x 12.50 USD $25.00",
        "Delivery: Standard $4.99",
        "Total, held on your card $29.99",
    ]


async def test_an_order_is_followed_until_nothing_more_is_to_come(browser: Browser) -> None:
    page = await shown(browser, order())
    assert [it["hx-get"] for it in page.html.select("#order")] == [f"/_/orders/{ID}"]
    page = await shown(browser, order("CANCELLED", owed=usd(0)))
    assert page.html.select_one("#order[hx-get]") is None
    assert page.html.select_one("form[action$=cancel]") is None


async def test_an_order_of_another_customer_is_not_there(browser: Browser) -> None:
    assert (await browser.get(f"/orders/{ID}")).status == 404
    assert (await shown(browser, None)).status == 404


async def test_an_order_is_cancelled_for_a_reason(browser: Browser) -> None:
    await browser.begin()
    path = f"/orders/{ID}/cancel"
    browser.write.answers(f"POST {path}", accepted(40, 3))
    assert (await browser.post(path, key="k", reason="")).location == f"/orders/{ID}"
    assert browser.write.sent[0].body == {"reason": "Cancelled on the order page"}
    browser.read.answers("Order", data(order=order("DISPATCHED")))
    browser.write.answers(f"POST {path}", problem(409, "order-left", detail="It has left the house."))
    page = await browser.post(path, key="k", reason="")
    assert (page.status, page.text(".note")) == (409, "It has left the house.")


async def test_whoever_has_the_link_sees_the_order_without_a_session(browser: Browser) -> None:
    linked = {name: value for name, value in order().items() if name != "link"}
    browser.read.answers("OrderByLink", data(orderByLink=linked))
    await browser.begin()
    page = await browser.get("/o/ab.cd-ef_1")
    assert page.text("h1") == "Thank you. Order 7KQ4M-2XHTD is placed"
    assert "Authorization" not in browser.read.sent[-1].headers
    assert page.html.select("form[action^='/orders']") == []
    assert page.response.headers["cache-control"] == "no-store"
    assert (await browser.fragment("/_/o/ab.cd-ef_1")).html.select_one("#order") is not None


async def test_a_link_that_shows_nothing_is_404(browser: Browser) -> None:
    browser.read.answers("OrderByLink", data(orderByLink=None))
    assert (await browser.get("/o/wrong")).status == 404
    assert (await browser.get("/o/wro'ng")).status == 404
    assert [it.body["variables"] for it in browser.read.sent if it.body and "token" in it.body["variables"]] == [
        {"token": "wrong"}
    ]


async def test_the_list_has_the_visitors_orders(browser: Browser) -> None:
    assert (await browser.get("/orders")).text("main p:first-of-type") == "There are no orders on this device yet."
    await browser.begin()
    found = {"edges": [{"node": order()}], "pageInfo": {"hasNextPage": True, "endCursor": "x y"}}
    browser.read.answers("Orders", data(me={"orders": found}))
    page = await browser.get("/orders")
    assert page.text(".orders li") == "7KQ4M-2XHTD A mug & <more> 30 November 2026 Placed $29.99"
    assert [it["href"] for it in page.html.select(".pages a")] == ["/orders?after=x%20y"]
