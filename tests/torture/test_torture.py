"""The short form of `make torture`: every part and the server killed once under load, the processes at every step."""

import json

from infra.shop import PARTS
from tests.torture.plan import HANG_UP, HOUSE, KILL, PAUSE, SERVER, STALL, planned
from tests.torture.record import Blow
from tests.torture.report import as_dict
from tests.torture.run import Wish, empty_folder, torture

EVERY = 1.5
BLOWS = (
    *((KILL, part, 0.0) for part in PARTS),
    (STALL, "log", 1.0),
    (KILL, SERVER, 0.0),
    (HANG_UP, "all", 0.0),
    (PAUSE, "processes", 2.0),
    (KILL, HOUSE, 0.0),
)


async def test_every_part_is_killed_under_load_and_nothing_is_lost_and_nothing_done_twice() -> None:
    blows = [Blow(1 + number * EVERY, *blow[:2], blow[2]) for number, blow in enumerate(BLOWS)]
    with empty_folder() as folder:
        wish = Wish(11, len(blows) * EVERY, blows, shoppers=4, bug="die-between-steps", checkouts=1)
        outcome = await torture(wish, folder, print)
        report = as_dict(outcome)
    assert outcome.ok, json.dumps(report, indent=2)
    assert report["blows"] == {f"{kind} {target}": 1 for kind, target, _ in sorted(BLOWS)}
    assert report["restarts_by_the_supervisor"] > len(PARTS)
    assert min(report[name] for name in ("commands", "reads", "orders")) >= 3, report


def test_a_seed_plans_the_same_blows_every_time_and_another_seed_others() -> None:
    assert planned(5, 600) == planned(5, 600)
    assert planned(5, 600) != planned(6, 600)
    assert {blow.kind for blow in planned(5, 3600)} == {"kill -9", "pause", "hang up", "crowd", "stall", "clock jump"}
    assert {blow.target for blow in planned(5, 3600) if blow.kind == KILL} == {*PARTS, SERVER, HOUSE}
