"""Which baskets a run takes, and what its report says."""

import json
from datetime import datetime
from typing import Any

import pytest
from rich.console import Console

from infra.demo.dataset import Basket, DataSet, Line
from infra.demo.prices import ListPrice
from infra.demo.receipts import Oddity, Till
from infra.demo.replaying import correlation_of
from infra.demo.report import Department, Report
from infra.demo.run import choose

TILL = Till({1: ListPrice(250)}, {1}, frozenset())
SOLD, NOTHING = Line(1, 1, 250, 0, 0), Line(1, 0, 0, 0, 0)


class FourBaskets(DataSet):
    """The second is empty."""

    def basket_count(self) -> int:
        return 4

    def baskets(self, first: int, count: int) -> Any:
        lines = (SOLD, NOTHING, SOLD, SOLD)
        at = datetime(2017, 1, 1)  # noqa: DTZ001 - the data names no zone
        return (Basket(n, n, n, at, (lines[n],)) for n in range(first, min(first + count, 4)))


@pytest.mark.parametrize(
    ("placed", "first", "taken", "ordered_before"),
    [
        ([], 0, [0, 1], []),
        ([0], 2, [2, 3], []),
        ([0, 3], 2, [2, 3], [3]),
        ([2], 0, [0, 1], []),
        ([0, 2, 3], 4, [], []),
    ],
)
def test_a_run_goes_on_with_the_first_basket_that_was_not_ordered(
    tmp_path: Any, placed: list[int], first: int, taken: list[int], ordered_before: list[int]
) -> None:
    chosen = choose(FourBaskets(tmp_path), TILL, {correlation_of(n) for n in placed}, 2)
    assert chosen.first == first
    assert [receipt.basket.basket_id for receipt in chosen.receipts] == taken
    assert chosen.ordered_before == ordered_before


def report(read_model: int = 16265, check: str = "passed", failures: tuple[str, ...] = ()) -> Report:
    return Report(
        first_basket=20,
        baskets=10,
        orders=9,
        shipped=9,
        products_imported=92_334,
        departments={"GROCERY": Department("Grocery", read_model, 16265)},
        oddities={Oddity.EMPTY_BASKET: 1},
        events=1000,
        import_seconds=1.5,
        replay_seconds=0.5,
        check_seconds=2.0,
        events_behind=0,
        seconds_behind=0.0,
        check=check,
        failures=failures,
    )


def test_a_script_can_judge_a_run() -> None:
    assert json.loads(json.dumps(report().as_dict())) == {
        "baskets": 10,
        "first_basket": 20,
        "orders": 9,
        "shipped": 9,
        "products_imported": 92_334,
        "departments": {"GROCERY": {"read_model": 16265, "data_set": 16265}},
        "agrees": True,
        "oddities": {"empty_basket": 1},
        "events": 1000,
        "seconds": {"import": 1.5, "replay": 0.5, "check": 2.0},
        "events_per_second": 500.0,
        "lag": {"events": 0, "seconds": 0.0},
        "check": "passed",
        "failures": [],
    }


def test_a_run_passes_when_sums_agree_the_check_holds_and_nothing_was_refused() -> None:
    assert report().passed
    assert not report(read_model=16264).passed
    assert not report(check="failed").passed
    assert not report(failures=("Basket 1: out of stock",)).passed


def test_people_see_the_difference_to_the_cent(capsys: pytest.CaptureFixture[str]) -> None:
    report(read_model=16264).show(Console(width=120))
    told = capsys.readouterr().out
    for words in ("162.64", "162.65", "-0.01", "DIFFER", "10 (number 21 to 30)", "baskets in which nothing was sold"):
        assert words in told
