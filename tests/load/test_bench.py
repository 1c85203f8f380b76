"""The bench measures what it says: the shape of its lines, errors that are counted, and waiting that is not hidden."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from tests.load.__main__ import write
from tests.load.bench import Bench, Options
from tests.load.figures import PARTS, Figure, Goal
from tests.load.folders import temporary_folder
from tests.load.http import VisitFailed
from tests.load.jobs import Good, Job
from tests.load.loops import Book, closed, opened
from tests.load.report import figure_of, page
from tests.load.scenarios import web

FIELDS = {
    *("scenario", "connections", "rate_per_second", "p50_ms", "p95_ms", "p99_ms", "errors", "cpu_us", "goal"),
    *("versions", "note", "measured"),
}
PRODUCTS = 60


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    with temporary_folder() as folder:
        options = Options(
            products=PRODUCTS, runs=1, seconds=0.5, minute=2, visitors=5, pause=0.05, data=folder / "data"
        )
        async with Bench(options, Console(quiet=True)) as bench:
            yield bench


async def test_a_line_has_every_field_and_a_planted_failure_is_counted(bench: Bench, tmp_path: Path) -> None:
    sound = [await bench.drive(visit, Job(visit=visit, at_once=4, seconds=0.5)) for visit in ("checkout", "page")]

    shop = await bench.shop()
    goods = msgspec.json.decode(shop.goods.read_bytes(), type=list[Good])
    assert 0 < len({good.product_id for good in goods}) == len(goods)
    missing = tmp_path / "missing.json"
    missing.write_bytes(msgspec.json.encode([Good("NO-SUCH-SKU", "no-such-product", 100, None)]))
    ill = await bench.drive(
        "page", Job(visit="page", rate=40, seconds=0.5, warm=0, goods=str(missing)), Goal("", "errors", 0)
    )

    pages = {figure.scenario: figure async for figure in web.measure(bench)}
    assert {"web, product", "web, product: read", "web, buy: command"} <= pages.keys()
    assert [pages[f"{name}, all pages"].errors for name in ("web", "web at rest")] == [0, 0], pages

    write([*sound, ill, *pages.values()], tmp_path / "bench.json")
    lines = json.loads((tmp_path / "bench.json").read_text())
    assert all(line.keys() == FIELDS and line["versions"]["python"] for line in lines)
    assert [line["errors"] for line in lines[:3]] == [0, 0, 20]
    assert all(line["p50_ms"] <= line["p95_ms"] for line in lines[3:])
    for line in lines[:2]:
        assert line["rate_per_second"] > 0
        assert 0 < line["p50_ms"] <= line["p95_ms"] <= line["p99_ms"]
        assert line["cpu_us"].keys() == set(PARTS)
        assert line["cpu_us"]["generator"] > 0
    assert lines[2]["rate_per_second"] == 0
    assert lines[2]["note"].endswith("20 x no such product")
    assert lines[2]["goal"]["verdict"].startswith("missed")
    assert "| checkout | 4 |" in page([figure_of(line) for line in lines])
    assert shop.megabytes()["postgres"] > 0


async def test_an_open_loop_measures_from_when_a_visit_was_due() -> None:
    turn, book, visits = asyncio.Lock(), Book(), 0

    async def served_one_by_one() -> None:
        nonlocal visits
        async with turn:
            visits += 1
            await asyncio.sleep(0.3 if visits == 1 else 0)

    await opened(served_one_by_one, book, rate=100, seconds=0.2, patience=5)
    assert len(book.latencies_ms) == 20
    assert sum(latency > 100 for latency in book.latencies_ms) == 20
    assert max(book.latencies_ms) - min(book.latencies_ms) > 100


async def test_what_fails_or_is_given_up_is_an_error_and_only_waiting_is_a_latency() -> None:
    book, outcomes = Book(), iter(["fails", "is slow", "breaks"])

    async def visit() -> None:
        match next(outcomes, "is served"):
            case "fails":
                raise VisitFailed("409 from carts")
            case "is slow":
                await asyncio.sleep(1)
            case "breaks":
                raise ConnectionResetError
            case _:
                await asyncio.sleep(0.01)

    await closed(visit, book, at_once=1, seconds=0.4, patience=0.1)
    assert book.errors == {"409 from carts": 1, "timeout": 1, "ConnectionResetError": 1}
    assert 0 < book.completed < 40
    assert len(book.latencies_ms) == book.completed + 1
    assert max(book.latencies_ms) > 100


def test_a_goal_says_by_how_much_it_was_missed() -> None:
    figure = Figure(scenario="any", connections=1, rate_per_second=50, p95_ms=300)
    assert Goal("", "rate_per_second", 1000).verdict(figure) == "missed: 5.0% of it"
    assert Goal("", "rate_per_second", 50).verdict(figure) == "met"
    assert Goal("", "p95_ms", 200).verdict(figure) == "missed: 1.5 times it"
    assert Goal("", "p50_ms", 200).verdict(figure) == "not measured"
    assert Goal("", "p95_ms", 400).verdict(replace(figure, errors=7)) == "missed: 7 errors"
