"""Stock, people, and the first page."""

from typing import Any

import pytest

from tests.support.fixtures.pages import Browser, accepted, data, failed, problem, usd
from tests.web.back_office.answers import AT, connection, me, works
from web.ports import Reply

LEVEL = {
    "sku": "MUG",
    "warehouse": "MAIN",
    "onHand": 5,
    "reserved": 6,
    "backorderLimit": 0,
    "available": -1,
    "sells": True,
}
WAREHOUSES = [{"name": "MAIN", "skus": 1, "onHand": 5, "reserved": 6}]


async def test_what_runs_low_is_found(browser: Browser) -> None:
    await works(browser)
    answer = data(me=me(), warehouses=WAREHOUSES, **connection("stockLevels", LEVEL))
    browser.read.answers("DeskStock", answer)
    page = await browser.get("/desk/stock?below=3&warehouse=MAIN")
    asked = browser.read.sent[-1].body["variables"]  # type: ignore[index]
    assert (asked["below"], asked["warehouse"]) == (3, "MAIN")
    assert page.texts("tbody td") == ["MUG", "MAIN", "5", "6", "0", "-1"]
    await browser.get("/desk/stock?below=-3")
    assert browser.read.sent[-1].body["variables"]["below"] is None  # type: ignore[index]
    assert (await browser.get("/desk/stock?sku=MUG")).location == "/desk/stock/MUG"


@pytest.mark.parametrize(
    ("action", "form", "command", "body"),
    [
        ("receive", {"quantity": "12"}, "POST /stock/MAIN/MUG/receipts", {"quantity": 12}),
        (
            "adjust",
            {"delta": "-2", "reason": "Broken"},
            "POST /stock/MAIN/MUG/adjustments",
            {"delta": -2, "reason": "Broken"},
        ),
        (
            "adjust",
            {"delta": "+3", "reason": "Found"},
            "POST /stock/MAIN/MUG/adjustments",
            {"delta": 3, "reason": "Found"},
        ),
        ("limit", {"limit": "0"}, "PUT /stock/MAIN/MUG/backorder-limit", {"limit": 0}),
    ],
)
async def test_stock_changes(browser: Browser, action: str, form: dict[str, Any], command: str, body: Any) -> None:
    await works(browser)
    browser.write.answers(command, accepted(9, 5))
    done = await browser.post(f"/desk/stock/MUG/{action}", key="k", warehouse="MAIN", **form)
    assert done.location == "/desk/stock/MUG"
    assert browser.write.sent[0].body == body


@pytest.mark.parametrize(("action", "field"), [("receive", "quantity"), ("adjust", "delta"), ("limit", "limit")])
@pytest.mark.parametrize("typed", ["", "x", "1.5", "--1", "٣", "1" * 10, "+", "-"])
async def test_what_is_no_number_is_told_and_not_sent(browser: Browser, action: str, field: str, typed: str) -> None:
    await works(browser)
    stock = {"sku": "MUG", "available": -1, "levels": [LEVEL]}
    product = {"productId": "p-1", "title": "A mug"}
    browser.read.answers("DeskStockSku", data(me=me(), warehouses=WAREHOUSES, stock=stock, product=product))
    form: dict[str, Any] = {"warehouse": "MAIN", "reason": "x", field: typed}
    page = await browser.post(f"/desk/stock/MUG/{action}", key="k", **form)
    assert (page.status, page.text(f"#{field}-fault")) == (422, "Enter a whole number, such as 12.")
    assert browser.write.sent == []


PERSON = {"customerId": "anna", "orders": 2, "lastOrderAt": AT}


def person(*permissions: str) -> Reply:
    return data(me=me(*permissions), **connection("people", PERSON), **connection("orders"))


async def test_forgetting_takes_the_id_once_more_and_a_reason(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskPerson", person())
    page = await browser.post("/desk/people/anna/forget", key="k", subject="ann", reason="")
    assert page.status == 422
    assert page.text("#subject-fault") == "This is not the id of this person. Type it as it stands above."
    assert browser.write.sent == []
    browser.write.answers("POST /people/forget", accepted(9, 0))
    done = await browser.post("/desk/people/anna/forget", key="k", subject="anna", reason="Letter 7")
    assert done.location == "/desk/people/anna"
    assert browser.write.sent[0].body == {"subject": "anna", "reason": "Letter 7"}


async def test_a_refusal_of_forgetting_stands_on_the_page(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskPerson", person())
    browser.write.answers("POST /people/forget", problem(404, "person-not-found", detail="There is no data of anna."))
    page = await browser.post("/desk/people/anna/forget", key="k", subject="anna", reason="Letter 7")
    assert page.text(".summary h2") == "There is no data of anna."


def today(**more: Any) -> Reply:
    order = {"orderId": "o-1", "number": "7KQ4M-2XHTD", "placedAt": AT, "customerId": "anna", "total": usd(2999)}
    total = {"atLeast": 1, "exact": True}
    build = {"name": "orders", "state": "ACTIVE", "lagEvents": 0, "lagSeconds": 0.0, "error": None, "parked": 0}
    fields: dict[str, Any] = {
        "me": me(),
        "shipmentCounts": [{"status": "PLANNED", "shipments": 1}],
        **connection("placed", order, total=total),
        **connection("moving", total={"atLeast": 1000, "exact": False}),
        **connection("stockLevels", LEVEL),
        "sales": [{"day": "2026-11-29", "units": 3, "revenue": usd(300)}],
        "projections": [build],
        "cockpit": {
            "processes": {"edges": []},
            "parked": {"edges": []},
            "parkedInputs": {"edges": []},
        },
    }
    return data(**{**fields, **more})


async def test_the_first_page_says_what_waits(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskToday", today())
    page = await browser.get("/desk")
    assert page.texts(".tiles a") == ["1 parcel to pick", "1,000+ orders on the way"]
    assert page.text("[aria-labelledby=attention] p") == "Nothing. Every process and every read model is well."
    assert page.texts("[aria-labelledby=sales] td") == ["29 Nov", "3 units", "$3.00"]
    assert browser.read.sent[-1].body["variables"] == {"from": "2026-11-24"}  # type: ignore[index]


async def test_the_first_page_says_what_is_wrong(browser: Browser) -> None:
    await works(browser)
    late = {"name": "orders", "state": "ACTIVE", "lagEvents": 1001, "lagSeconds": 9.0, "error": None, "parked": 0}
    node = {
        "process": "fulfilment",
        "instance": "o-1",
        "phase": "refunding",
        "since": AT,
        "attention": "Refund failed.",
    }
    cockpit = {
        "processes": {"edges": [{"node": node}]},
        "parked": {"edges": [{"node": {"commandId": "x"}}]},
        "parkedInputs": {"edges": []},
    }
    browser.read.answers("DeskToday", today(projections=[late], cockpit=cockpit))
    page = await browser.get("/desk")
    assert page.texts("[aria-labelledby=attention] li") == [
        "Refunding fulfilment : Refund failed. since 30 November 2026, 10:00",
        "Parked Messages wait to be sent again.",
        "Late The read model orders is 1,001 events behind.",
    ]


async def test_the_first_page_leaves_out_what_the_worker_may_not_see(browser: Browser) -> None:
    await works(browser)
    hidden = ["sales", "projections", "cockpit", "placed", "moving"]
    errors = [{"message": "no", "path": [it], "extensions": {"code": "FORBIDDEN"}} for it in hidden]
    answer = today(**dict.fromkeys(hidden), me=me("stock", "fulfilment"))
    browser.read.answers("DeskToday", Reply(200, {**answer.document, "errors": errors}))
    page = await browser.get("/desk")
    assert page.texts("main h2") == ["Sold out"]
    assert page.texts(".side a:not(.mark, form a)") == ["Today", "Orders", "Fulfilment", "Stock"]


async def test_the_counts_of_today_look_again_by_themselves(browser: Browser) -> None:
    await works(browser)
    counts = [{"status": "PLANNED", "shipments": 2}]
    browser.read.answers("DeskCounts", data(me=me("fulfilment"), shipmentCounts=counts, moving=None))
    page = await browser.fragment("/_/desk/counts")
    assert page.text("#counts") == "2 parcels to pick"
    browser.read.answers("DeskCounts", failed("FORBIDDEN", "shipmentCounts", me=me("catalogue"), moving=None))
    assert (await browser.fragment("/_/desk/counts")).html.select("#counts") == []
