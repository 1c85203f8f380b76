"""Live updates: which of the shown things changed, and nothing else of them."""

import pytest

import web.http.live
from tests.support.fixtures.pages import Browser, FakeChanges, data
from tests.web.storefront.test_orders import ID, order

THING, OTHER = "T3JkZXI6MQ==", "Q2FydDox"


@pytest.fixture
def changes(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> FakeChanges:
    monkeypatch.setattr(web.http.live, "LASTS", 0.2)
    monkeypatch.setattr(web.http.live, "BEAT", 0.01)
    known = browser.ports.changes
    assert isinstance(known, FakeChanges)
    return known


async def test_a_page_hears_of_what_it_shows(browser: Browser, changes: FakeChanges) -> None:
    changes.news = [[THING], [OTHER, THING]]
    page = await browser.get(f"/_/live?ids={THING},{OTHER}")
    assert page.response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert page.response.headers["cache-control"] == "no-store"
    assert changes.watched == [{THING, OTHER}]
    told = [it for it in page.response.text.split("\n\n") if it.startswith("event")]
    assert told == [f"event: changed\ndata: {it}" for it in (THING, OTHER, THING)]


@pytest.mark.parametrize("ids", ["", "a b", "<x>", ",".join("a" * n for n in range(1, 102)), "a" * 201])
async def test_what_cannot_be_watched_is_refused(browser: Browser, changes: FakeChanges, ids: str) -> None:
    assert (await browser.get(f"/_/live?ids={ids}")).status == 400
    assert changes.watched == []


async def test_when_too_much_is_watched_the_page_goes_on_without(browser: Browser, changes: FakeChanges) -> None:
    changes.full = True
    page = await browser.get(f"/_/live?ids={THING}")
    assert (page.status, page.response.headers["retry-after"]) == (503, "10")


async def test_an_order_names_what_it_follows(browser: Browser) -> None:
    await browser.begin()
    browser.read.answers("Order", data(order={**order(), "id": THING}))
    page = await browser.get(f"/orders/{ID}")
    assert [it["data-live"] for it in page.html.select("[data-live]")] == [THING]
    assert [it["hx-trigger"] for it in page.html.select("#order")] == ["changed, every 15s"]
