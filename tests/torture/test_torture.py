"""The short form of `make torture`: every part and both servers killed once under load, the processes at every step."""

import json
from collections import Counter

import pytest

from infra.bootstrap.local_stack import PARTS, WITH_KAFKA
from tests.torture.plan import BROKER, HANG_UP, HOUSE, KILL, PAUSE, SERVER, SILENCE, STALL, planned, without_kafka
from tests.torture.record import Blow
from tests.torture.report import as_dict
from tests.torture.run import Wish, empty_folder, torture

EVERY = 1.5
BLOWS = (
    *((KILL, part, 0.0) for part in (*PARTS, *WITH_KAFKA)),
    (STALL, "log", 1.0),
    (KILL, SERVER, 0.0),
    (HANG_UP, "all", 0.0),
    (KILL, BROKER, 0.0),
    (PAUSE, "processes", 2.0),
    (SILENCE, "projections", 2.0),
    (KILL, "publisher", 0.0),
    (KILL, HOUSE, 0.0),
)


async def test_every_part_is_killed_under_load_and_nothing_is_lost_and_nothing_done_twice() -> None:
    blows = [Blow(1 + number * EVERY, *blow[:2], blow[2]) for number, blow in enumerate(BLOWS)]
    with empty_folder() as folder:
        wish = Wish(11, len(blows) * EVERY, blows, shoppers=4, bug="die-between-steps", checkouts=1, kafka=True)
        outcome = await torture(wish, folder, print)
        report = as_dict(outcome)
    assert outcome.ok, json.dumps(report, indent=2)
    struck = without_kafka(blows) if outcome.left_out else blows
    assert report["blows"] == Counter(f"{it.kind} {it.target}" for it in struck)
    assert report["restarts_by_the_supervisor"] > len(PARTS)
    assert min(report[name] for name in ("commands", "reads", "orders")) >= 3, report
    if outcome.left_out:
        pytest.skip(f"{outcome.left_out} (everything else was tortured, and held)")
    assert report["messages"] >= 3, report


async def test_workers_that_are_frozen_or_silent_are_taken_over_from_under_load() -> None:
    blows = [
        Blow(2, PAUSE, "processes", 15.0),
        Blow(19, SILENCE, "projections", 15.0),
        Blow(36, SILENCE, "processes-2", 15.0),
    ]
    with empty_folder() as folder:
        outcome = await torture(Wish(13, 55, blows, shoppers=4, workers=2), folder, print)
        report = as_dict(outcome)
    assert outcome.ok, json.dumps(report, indent=2)
    assert report["takeovers"] >= len(blows), report
    assert min(report[name] for name in ("commands", "reads", "orders")) >= 3, report


def test_a_seed_plans_the_same_blows_every_time_and_another_seed_others() -> None:
    assert planned(5, 600) == planned(5, 600)
    assert planned(5, 600) != planned(6, 600)
    assert {blow.kind for blow in planned(5, 3600)} == {
        "kill -9",
        "pause",
        "silence",
        "hang up",
        "crowd",
        "stall",
        "clock jump",
    }
    killed = {blow.target for blow in planned(5, 3600) if blow.kind == KILL}
    assert killed == {*PARTS, *WITH_KAFKA, SERVER, BROKER, HOUSE}


def test_of_several_workers_one_is_struck_or_all_and_without_kafka_nothing_that_needs_it() -> None:
    killed = {blow.target for blow in planned(5, 3600, workers=2, kafka=False) if blow.kind == KILL}
    assert killed == {*(label for part in PARTS for label in (part, f"{part}-2", f"all {part}")), SERVER, HOUSE}
