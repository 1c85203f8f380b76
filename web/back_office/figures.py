"""Figures: sales by day, category and department, and best sellers; a chart, a table behind it, and CSV."""

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from web.back_office.cockpit import permissions_of
from web.drawing import charts
from web.http.routes import staff
from web.http.visit import Visit
from web.texts.formats import decimal_of

FIGURES = "/desk/figures"
GROUPS = {"day": "DAY", "category": "CATEGORY", "department": "DEPARTMENT"}
BEST = {"units": "UNITS", "revenue": "REVENUE"}
PERIODS = (7, 30, 90, 365)
MOST_BARS = 400

Row = Mapping[str, Any]


class Asked:
    """What the address asks for; what makes no sense is left out."""

    def __init__(self, visit: Visit) -> None:
        query = visit.query
        self.by = query.get("by") if query.get("by") in GROUPS else "day"
        self.best = query.get("best") if query.get("best") in BEST else "units"
        self.first, self.last = _day(query.get("from", "")), _day(query.get("to", ""))
        self.today = visit.ports.clock().date()

    @property
    def period(self) -> Mapping[str, str | None]:
        return {"from": self.first, "to": self.last}

    def link(self, path: str = FIGURES, **changed: str | None) -> str:
        given = {"by": self.by, "best": self.best, **self.period, **changed}
        return f"{path}?{urlencode({name: value for name, value in given.items() if value})}"

    def days(self, number: int) -> str:
        return self.link(FIGURES, **{"from": (self.today - timedelta(days=number - 1)).isoformat(), "to": None})

    def is_period(self, number: int) -> bool:
        return self.first == (self.today - timedelta(days=number - 1)).isoformat() and self.last is None


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


async def show(visit: Visit) -> Response:
    asked = Asked(visit)
    sales, best = await asyncio.gather(
        visit.ask("desk_sales", by=GROUPS[asked.by or "day"], **asked.period),
        visit.ask("desk_best", by=BEST[asked.best or "units"], **asked.period),
    )
    rows: Sequence[Row] = sales["sales"]
    return visit.page(
        "back_office/figures.html",
        permissions=permissions_of(sales["me"]),
        asked=asked,
        rows=rows,
        total=_total(rows),
        chart=_chart(rows) if asked.by == "day" else None,
        most=max((row["revenue"]["amount"] for row in rows), default=0),
        best=best["bestSellers"],
        periods=PERIODS,
        stale=sales.stale,
    )


async def download(visit: Visit) -> Response:
    asked = Asked(visit)
    rows = (await visit.ask("desk_sales", by=GROUPS[asked.by or "day"], **asked.period))["sales"]
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow([asked.by, "units", "revenue", "currency"])
    for row in rows:
        table.writerow([_safe(name_of(row)), row["units"], decimal_of(row["revenue"]), row["revenue"]["currency"]])
    headers = {"Content-Disposition": f'attachment; filename="sales-by-{asked.by}.csv"', "Cache-Control": "no-store"}
    return Response(written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def name_of(row: Row) -> str:
    return str(row["day"] or row["name"] or "without a category")


def _safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _total(rows: Sequence[Row]) -> Row | None:
    """None when nothing was sold. A shop has one currency."""
    if not rows:
        return None
    amount = sum(row["revenue"]["amount"] for row in rows)
    return {
        "units": sum(row["units"] for row in rows),
        "revenue": {"amount": amount, "currency": rows[0]["revenue"]["currency"]},
    }


def _chart(rows: Sequence[Row]) -> Mapping[str, Any] | None:
    """Days in their order without a gap, the last of them."""
    if not rows:
        return None
    sold = {date.fromisoformat(row["day"]): row["revenue"]["amount"] for row in rows}
    last = max(sold)
    first = max(min(sold), last - timedelta(days=MOST_BARS - 1))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    amounts = [sold.get(day, 0) for day in days]
    currency = rows[0]["revenue"]["currency"]
    drawn = charts.bars(amounts, [day.isoformat() for day in days])
    return {
        "drawn": drawn,
        "top": {"amount": drawn.top, "currency": currency},
        "first": first.isoformat(),
        "last": last.isoformat(),
        "money": {
            day.isoformat(): {"amount": amount, "currency": currency} for day, amount in zip(days, amounts, strict=True)
        },
    }


ROUTES = [staff(FIGURES, show), staff(f"{FIGURES}.csv", download)]
