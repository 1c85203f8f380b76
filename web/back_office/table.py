"""Lists of the back office: their filters are in the address, and what they show is there as CSV too."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from web.api.read import Answer
from web.http.visit import Visit

ROWS = 50
MOST_ROWS_OF_CSV = 1_000
PAGES_OF_CSV = MOST_ROWS_OF_CSV // 100
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would calculate (OWASP, CSV injection)."""


def address(path: str, filters: Mapping[str, str], **changed: str) -> str:
    """The address of a list; what is empty is left out."""
    query = urlencode({name: value for name, value in {**filters, **changed}.items() if value})
    return f"{path}?{query}" if query else path


def window(visit: Visit, rows: int = ROWS) -> dict[str, Any]:
    """Which part of the list the address names, as variables of a connection."""
    if before := visit.query.get("before"):
        return {"last": rows, "before": before}
    return {"first": rows, "after": visit.query.get("after") or None}


def pager(path: str, filters: Mapping[str, str], info: Mapping[str, Any]) -> Mapping[str, str]:
    """The addresses of the pages before and after, empty where there is none."""
    before = address(path, filters, before=info["startCursor"]) if info["hasPreviousPage"] else ""
    after = address(path, filters, after=info["endCursor"]) if info["hasNextPage"] else ""
    return {"before": before, "after": after}


def one_of(text: str | None, known: Iterable[str]) -> str:
    """The chosen value of a filter; empty for what it does not know."""
    return text if text is not None and text in set(known) else ""


def day(text: str | None) -> str:
    """A day as browsers write it (2026-11-30); empty for anything else."""
    try:
        return date.fromisoformat(text or "").isoformat()
    except ValueError:
        return ""


async def as_csv(
    visit: Visit,
    operation: str,
    connection: str,
    variables: Mapping[str, Any],
    columns: Mapping[str, Callable[[Mapping[str, Any]], object]],
) -> Response:
    """All rows of a list with these filters, at most 1,000, as a file for spreadsheets."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    after = None
    for _ in range(PAGES_OF_CSV):
        answer: Answer = await visit.ask(operation, **{**variables, "first": 100, "after": after})
        found = answer[connection]
        writer.writerows([[_cell(of(edge["node"])) for of in columns.values()] for edge in found["edges"]])
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    headers = {"Content-Disposition": f'attachment; filename="{connection}.csv"'}
    return Response("\ufeff" + text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def chosen(rows: Sequence[str], most: int) -> list[str]:
    """The rows that were chosen, each once."""
    return list(dict.fromkeys(rows))[:most]
