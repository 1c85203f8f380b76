"""Parcels from the shelf to the carrier, and the slip."""

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.support.fixtures.pages import Browser, accepted, data
from tests.web.back_office.answers import (
    AT,
    NUMBER,
    ORDER_ID,
    PARCEL,
    a_parcel,
    an_order,
    connection,
    me,
    order_page,
    works,
)
from web.drawing.code128 import WIDTHS, bars, symbols
from web.ports import Work

PAGE = f"/desk/fulfilment/{PARCEL}"
COUNTS = [{"status": "PLANNED", "shipments": 3}, {"status": "PICKED", "shipments": 0}]


async def test_the_list_shows_what_is_to_be_picked_first(browser: Browser) -> None:
    await works(browser)
    task = {"shipmentId": PARCEL, "orderId": ORDER_ID, "plannedAt": AT, "shipment": a_parcel(), "order": an_order()}
    browser.read.answers("DeskShipments", data(me=me(), shipmentCounts=COUNTS, **connection("shipments", task)))
    page = await browser.get("/desk/fulfilment")
    assert browser.read.sent[-1].body["variables"]["status"] == ["PLANNED"]  # type: ignore[index]
    assert page.text(".tabs [aria-current]") == "To pick 3"
    assert page.texts("tbody td")[1:] == [
        NUMBER,
        "2 × A <b>mug</b> MUG",
        "Anna Berg, Zürich CH",
        "30 Nov, 10:00",
        "MAIN",
    ]
    assert page.text("[data-chosen] button") == "Pick parcels"


@pytest.mark.parametrize(
    ("status", "action", "button"),
    [
        ("PLANNED", "pick", "Picked, all of it"),
        ("PICKED", "pack", "Packed"),
        ("DISPATCHED", "delivery", "Delivered"),
    ],
)
async def test_each_step_is_one_button(browser: Browser, status: str, action: str, button: str) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page(shipments=[a_parcel(status)]))
    page = await browser.get(PAGE)
    assert page.text(".next button") == button
    assert page.html.select_one(".next form")["action"] == f"{PAGE}/{action}"  # type: ignore[index]
    browser.write.answers(f"POST /shipments/{PARCEL}/{action}", accepted(9, 8))
    done = await browser.post(f"{PAGE}/{action}", key="k", revision=page.field(".next [name=revision]"))
    assert done.location == PAGE
    assert (browser.write.sent[0].headers["If-Match"], browser.write.sent[0].body) == ('"7"', None)


async def test_a_packed_parcel_waits_for_the_money(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page(shipments=[a_parcel("PACKED")]))
    page = await browser.get(PAGE)
    assert page.html.select(".next form") == []


async def test_dispatching_takes_carrier_and_tracking_number(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page(shipments=[a_parcel("CLEARED")]))
    page = await browser.post(f"{PAGE}/dispatch", key="k", carrier="UPS")
    assert (page.status, page.texts(".field .fault")) == (422, ["Enter the tracking number on the label."])
    assert page.field("#carrier") == "UPS"
    browser.write.answers(f"POST /shipments/{PARCEL}/dispatch", accepted(9, 8))
    await browser.post(f"{PAGE}/dispatch", key="k", carrier="UPS", tracking="1Z999")
    assert browser.write.sent[-1].body == {"carrier": "UPS", "tracking": "1Z999"}


@pytest.mark.parametrize(("what", "status"), [("loss", "LOST"), ("return-to-sender", "RETURNED")])
async def test_what_does_not_arrive_is_recorded_with_a_reason(browser: Browser, what: str, status: str) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page(shipments=[a_parcel("DISPATCHED")]))
    page = await browser.post(f"{PAGE}/report/{what}", key="k", reason="")
    assert (page.status, page.text(f"#{what}-reason-fault")) == (422, "Say why: it stays with the order.")
    assert browser.write.sent == []
    browser.write.answers(f"POST /shipments/{PARCEL}/{what}", accepted(9, 8))
    done = await browser.post(f"{PAGE}/report/{what}", key="k", revision="7", reason="Carrier's letter 12")
    assert done.location == PAGE
    (sent,) = browser.write.sent
    assert (sent.body, sent.headers["If-Match"]) == ({"reason": "Carrier's letter 12"}, '"7"')
    browser.read.answers("DeskOrder", order_page(shipments=[a_parcel(status)]))
    page = await browser.get(PAGE)
    assert page.html.select("main form") == []
    assert page.html.select_one("#money, a[href='/desk/orders/o-1#money']") is not None
    assert (await browser.post(f"{PAGE}/report/theft", key="k", reason="x")).status == 404


async def test_a_parcel_fetches_itself_again_when_its_order_changes(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page())
    (part,) = (await browser.get(PAGE)).html.select("[data-live]")
    assert (part["data-live"], part["hx-get"]) == ("T3JkZXI6by0x", f"/_{PAGE}")
    again = await browser.fragment(f"/_{PAGE}")
    assert [it["id"] for it in again.html.select("[data-live]")] == ["parcel"]
    assert again.html.select("nav, h1 ~ html") == []


def missing(units: str) -> Any:
    return {"key": "k", "missing-MUG": units}


async def test_what_is_not_on_the_shelf_is_told_by_sku(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page())
    page = await browser.post(f"{PAGE}/short-pick", **missing("0"))
    assert page.status == 422
    assert "Enter how many are missing of at least one SKU." in page.text(".summary")
    browser.write.answers(f"POST /shipments/{PARCEL}/short-pick", accepted(9, 8))
    await browser.post(f"{PAGE}/short-pick", **missing("1"))
    assert browser.write.sent[-1].body == {"missing": [{"sku": "MUG", "quantity": 1}]}


async def test_an_action_that_there_is_not_is_404(browser: Browser) -> None:
    await works(browser)
    assert (await browser.post(f"{PAGE}/explode", key="k")).status == 404
    assert (await browser.post("/desk/fulfilment/chosen/explode", key="k")).status == 404
    assert browser.write.sent == []


async def test_chosen_parcels_are_picked_as_a_job(browser: Browser) -> None:
    await works(browser)
    assert (await browser.post("/desk/fulfilment/chosen/pick", key="k", row="o-1.1")).status == 303
    (job,) = browser.jobs.kept.values()
    back = "/desk/fulfilment?status=PLANNED"
    assert job.work == Work(title="Pick parcels", path="/shipments/{row}/pick", back=back)
    assert list(job.rows) == ["o-1.1"]


async def test_the_slip_has_all_that_goes_into_the_parcel(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskOrder", order_page())
    page = await browser.get(f"{PAGE}/slip")
    assert page.text("h1") == f"Order {NUMBER}"
    assert page.texts("tbody td")[:3] == ["2", "A <b>mug</b>", "MUG"]
    assert "Bergstrasse 1" in page.text("address")
    drawn = page.html.select_one("svg path")
    assert drawn is not None
    assert read(str(drawn["d"])) == NUMBER
    ET.fromstring(str(page.html.select_one("svg")))


def read(path: str) -> str:
    """As a scanner does: the widths of bars and of the spaces between them, symbol by symbol."""
    edges = list[int]()
    for bar in path.split("M")[1:]:
        start, width = int(bar.partition(" ")[0]), int(bar.partition("h")[2].partition("v")[0])
        edges += [start, start + width]
    widths = [after - before for before, after in pairwise(edges)]
    cut = ["".join(map(str, widths[at : at + 6])) for at in range(0, len(widths) - 7, 6)]
    values = [WIDTHS.index(symbol) for symbol in cut]
    start, *letters, check = values
    assert start == 104
    assert check == (104 + sum(place * value for place, value in enumerate(letters, start=1))) % 103
    assert "".join(map(str, widths[-7:])) == WIDTHS[106]
    return "".join(chr(value + 32) for value in letters)


def test_every_symbol_is_eleven_modules_of_three_bars_and_three_spaces() -> None:
    assert len(WIDTHS) == len(set(WIDTHS)) == 107
    assert {(len(it), sum(map(int, it))) for it in WIDTHS[:106]} == {(6, 11)}
    assert (WIDTHS[104], WIDTHS[106]) == ("211214", "2331112")
    assert all(sum(map(int, it[::2])) % 2 == 0 for it in WIDTHS[:106])


def test_a_known_code_has_its_known_check_symbol() -> None:
    """`PJJ123C` as in the article on Code 128 of Wikipedia, there in code set A."""
    assert symbols("Wikipedia")[-2] == 88
    assert bars("A")[1] == 10 + 3 * 11 + 13 + 10


def test_other_letters_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        symbols("Zürich")
