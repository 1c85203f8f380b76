"""The list of orders: filters in the address, paging, CSV, bulk."""

from typing import Any

from tests.support.fixtures.pages import Browser, data, usd
from tests.web.back_office.answers import ALL, LAST_PAGE, an_order, connection, me, works
from web.ports import Reply, Work


def listed(*orders: dict[str, Any], info: dict[str, Any] | None = None, permissions: tuple[str, ...] = ALL) -> Reply:
    total = {"atLeast": len(orders), "exact": True}
    return data(me=me(*permissions), **connection("orders", *orders, info=info, total=total))


async def test_the_filters_of_the_address_are_those_of_the_query(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrders", listed(an_order()))
    page = await browser.get("/desk/orders?status=PLACED&text=mug&from=2026-11-01&to=nonsense&sku=MUG&before=c9")
    assert page.status == 200
    assert browser.read.sent[-1].body["variables"] == {  # type: ignore[index]
        "status": ["PLACED"],
        "text": "mug",
        "customer": None,
        "sku": "MUG",
        "from": "2026-11-01",
        "to": None,
        "last": 50,
        "before": "c9",
    }
    assert page.field("#text") == "mug"
    (csv,) = page.html.select("a[href*='.csv']")
    assert csv["href"] == "/desk/orders.csv?status=PLACED&text=mug&sku=MUG&from=2026-11-01"


async def test_a_state_that_there_is_not_is_no_filter(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrders", listed())
    page = await browser.get("/desk/orders?status=%22%7D")
    assert browser.read.sent[-1].body["variables"]["status"] is None  # type: ignore[index]
    assert page.text(".empty") == "No order is like that. Show all orders"


async def test_pages_before_and_after_keep_the_filters(browser: Browser) -> None:
    await works(browser)
    info = {"hasNextPage": True, "hasPreviousPage": True, "startCursor": "a=", "endCursor": "b="}
    browser.read.answers("DeskOrders", listed(an_order(), info=info))
    page = await browser.get("/desk/orders?status=PLACED")
    assert [it["href"] for it in page.html.select(".pages a")] == [
        "/desk/orders?status=PLACED&before=a%3D",
        "/desk/orders?status=PLACED&after=b%3D",
    ]


async def test_csv_has_all_that_is_found_and_no_formulas(browser: Browser) -> None:
    await works(browser)
    more = {**LAST_PAGE, "hasNextPage": True}
    evil = an_order(customerId="=HYPERLINK(1)", total=usd(-5))
    browser.read.answers("DeskOrders", listed(an_order(), info=more), listed(evil))
    page = await browser.get("/desk/orders.csv?status=PLACED")
    head, first, second, end = page.response.text.removeprefix("\ufeff").split("\r\n")
    assert head == "number,order id,placed at,status,customer,units,total,currency"
    assert first == "7KQ4M-2XHTD,o-1,2026-11-30T10:00:00+00:00,PLACED,anna,2,29.99,USD"
    assert second.split(",")[4:7] == ["'=HYPERLINK(1)", "2", "'-0.05"]
    assert end == ""
    assert [it.body["variables"]["after"] for it in browser.read.sent[-2:]] == [None, "e"]  # type: ignore[index]


async def test_chosen_orders_are_cancelled_for_one_reason_as_a_job(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskMe", data(me=me()))
    asked = await browser.post("/desk/orders/cancel", row=["o-1", "o-2", "o-1"], key="k")
    assert asked.status == 200
    assert [it["value"] for it in asked.html.select("[name=row]")] == ["o-1", "o-2"]
    assert browser.jobs.kept == {}
    started = await browser.post("/desk/orders/cancel", row=["o-1", "o-2"], key="k", reason="Recalled")
    assert started.status == 303
    (job,) = browser.jobs.kept.values()
    assert job.work == Work(
        title="Cancel orders", path="/orders/{row}/cancel", back="/desk/orders", body={"reason": "Recalled"}
    )
    assert list(job.rows) == ["o-1", "o-2"]
    assert browser.write.sent == []


async def test_who_may_not_cancel_chooses_nothing(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrders", listed(an_order(), permissions=("fulfilment",)))
    page = await browser.get("/desk/orders")
    assert page.html.select("[name=row], [data-chosen]") == []
