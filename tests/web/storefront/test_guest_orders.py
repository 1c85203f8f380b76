"""Orders that were made as a guest: shown to an account with their address, and added to it."""

from typing import Any

from tests.support.fixtures.pages import Browser, accepted, data, problem, usd
from web.ports import Reply

FOUND = "GET /account/guest-orders"
ORDER = {"order_id": "o-1", "number": "7KQ4M-2XHTD", "placed_at": "2026-11-30T12:00:00Z", "total": usd(2999)}
NONE = data(me={"orders": {"edges": [], "pageInfo": None}})


async def listed(browser: Browser, found: Reply) -> Any:
    await browser.begin(subject="shopper-1", token="access-1", refresh="refresh-1")
    browser.read.answers("Orders", NONE)
    browser.write.answers(FOUND, found)
    return await browser.get("/orders")


async def test_what_an_account_can_claim_is_ticked_and_added_in_one_step(browser: Browser) -> None:
    page = await listed(browser, Reply(200, {"orders": [ORDER]}))
    assert page.text("h2#guest-orders") == "Orders you made as a guest"
    assert page.field("input[name=order][checked]") == "o-1"
    browser.write.answers("POST /account/guest-orders/claim", accepted(9, 3))
    answer = await browser.post("/orders/claim", order="o-1", key="k")
    (sent,) = browser.write.to("/account/guest-orders/claim")
    assert (answer.status, answer.location, sent.body) == (303, "/orders", {"orders": ["o-1"]})


async def test_the_list_is_shown_without_them_when_they_cannot_be_read_or_there_are_none(browser: Browser) -> None:
    for found in (Reply(200, {"orders": []}), Reply(503, {}), problem(404, "account-not-found")):
        page = await listed(browser, found)
        assert (page.status, page.text("h1"), page.html.select_one("#guest-orders")) == (200, "Your orders", None)
