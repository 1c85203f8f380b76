"""Figures as a page: totals, a chart with its table, best sellers, and CSV."""

import csv
import io
from typing import Any

import pytest

from tests.support.fixtures.pages import Browser, data, failed, usd
from web.drawing import charts

ME = {"permissions": ["analytics"]}
FIGURES = "/desk/figures"


def sold(name: str | None, units: int, cents: int, *, day: bool = True) -> dict[str, Any]:
    return {"day": name if day else None, "name": None if day else name, "units": units, "revenue": usd(cents)}


DAYS = [sold("2026-11-24", 3, 4300), sold("2026-11-26", 1, 990)]
BEST = [
    {
        "productId": "P1",
        "units": 8,
        "revenue": usd(1032),
        "product": {"productId": "P1", "title": "Sparkling water", "brand": "Private"},
    },
    {"productId": "P2", "units": 6, "revenue": usd(7794), "product": None},
]


@pytest.fixture
async def ann(browser: Browser) -> Browser:
    await browser.begin(roles=("staff",))
    browser.read.answers("DeskSales", data(me=ME, sales=DAYS))
    browser.read.answers("DeskBest", data(bestSellers=BEST))
    return browser


async def test_days_have_a_total_a_chart_and_a_table(ann: Browser) -> None:
    page = await ann.get(FIGURES)
    assert page.text("p.big") == "$52.90 4 units"
    assert page.texts(".chart rect title") == ["2026-11-24: $43.00", "2026-11-26: $9.90"]
    assert page.text(".chart .scale") == "$50.00"
    assert page.rows("section[aria-labelledby=sales-name] tbody tr") == [
        ["2026-11-24", "3", "$43.00"],
        ["2026-11-26", "1", "$9.90"],
    ]
    assert page.rows("section[aria-labelledby=best-name] tbody tr") == [
        ["1", "Sparkling water Private", "8", "$10.32"],
        ["2", "P2 not on sale", "6", "$77.94"],
    ]
    assert page.texts(".side a:not(form a)")[1:] == ["Today", "Figures"]


async def test_categories_have_bars_beside_their_numbers(ann: Browser) -> None:
    rows = [sold("Dairy", 3, 4000, day=False), sold(None, 1, 1000, day=False), sold("Back", 0, -500, day=False)]
    ann.read.answers("DeskSales", data(me=ME, sales=rows))
    page = await ann.get(f"{FIGURES}?by=category")
    assert page.html.select(".chart") == []
    assert page.rows("section[aria-labelledby=sales-name] tbody tr") == [
        ["Dairy", "3", "$40.00", ""],
        ["without a category", "1", "$10.00", ""],
        ["Back", "0", "\N{MINUS SIGN}$5.00", ""],
    ]
    assert [float(str(it["width"])) for it in page.html.select(".share rect")][:2] == [100.0, 25.0]


async def test_filters_are_in_the_address_and_nonsense_is_left_out(ann: Browser) -> None:
    page = await ann.get(f"{FIGURES}?from=2026-11-24&to=x&by=hour&best=revenue")
    variables = {name: it.body["variables"] for it in ann.read.sent for name in [it.body["query"].split()[1][:9]]}  # type: ignore[index]
    assert variables == {
        "DeskSales": {"by": "DAY", "from": "2026-11-24", "to": None},
        "DeskBest(": {"by": "REVENUE", "from": "2026-11-24", "to": None},
    }
    links = {it.get_text(): str(it["href"]) for it in page.html.select("a.chip")}
    assert links["By category"] == "/desk/figures?by=category&best=revenue&from=2026-11-24"
    assert links["7 days"] == "/desk/figures?by=day&best=revenue&from=2026-11-24"
    assert page.html.select("a.chip[aria-current]")[0].get_text() == "7 days"


async def test_nothing_sold_is_said(ann: Browser) -> None:
    ann.read.answers("DeskSales", data(me=ME, sales=[]))
    ann.read.answers("DeskBest", data(bestSellers=[]))
    page = await ann.get(FIGURES)
    assert page.texts("section p.muted") == ["Nothing was sold in these days."] * 2
    assert page.html.select("svg, .big") == []


async def test_the_table_is_there_as_csv_without_formulas(ann: Browser) -> None:
    rows = [sold('=HYPERLINK("x")', 3, 4000, day=False), sold("Dairy, fresh", 1, -1000, day=False)]
    ann.read.answers("DeskSales", data(me=ME, sales=rows))
    found = (await ann.get(f"{FIGURES}.csv?by=category")).response
    assert found.headers["content-disposition"] == 'attachment; filename="sales-by-category.csv"'
    assert list(csv.reader(io.StringIO(found.text))) == [
        ["category", "units", "revenue", "currency"],
        ['\'=HYPERLINK("x")', "3", "40.00", "USD"],
        ["Dairy, fresh", "1", "-10.00", "USD"],
    ]


@pytest.mark.parametrize("path", [FIGURES, f"{FIGURES}.csv"])
async def test_who_may_not_see_figures_is_refused(ann: Browser, path: str) -> None:
    ann.read.answers("DeskSales", failed("FORBIDDEN", "sales", me=ME))
    ann.read.answers("DeskBest", failed("FORBIDDEN", "bestSellers"))
    assert (await ann.get(path)).status == 403


async def test_years_are_drawn_as_their_last_days(ann: Browser) -> None:
    ann.read.answers("DeskSales", data(me=ME, sales=[sold("2020-01-01", 1, 100), sold("2026-11-26", 1, 100)]))
    page = await ann.get(FIGURES)
    assert page.texts(".chart figcaption span") == ["2025-10-23", "2026-11-26"]
    assert page.texts(".chart rect title") == ["2026-11-26: $1.00"]


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (4300, 5000), (5001, 10_000)]
)
def test_an_axis_ends_with_a_round_value(value: int, top: int) -> None:
    assert charts.rounded_up(value) == top


def test_bars_stand_on_the_axis_in_their_order() -> None:
    drawn = charts.bars([5, 0, 10, -3], ["a", "b", "c", "d"])
    assert drawn.top == 10
    assert [(bar.title, bar.x, bar.y, bar.height, bar.width) for bar in drawn.bars] == [
        ("a", 95.0, 100.0, 100.0, 60),
        ("c", 595.0, 0.0, 200.0, 60),
    ]
