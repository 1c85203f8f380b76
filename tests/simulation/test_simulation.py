"""Whole checkouts through random schedules. COUNTERFOIL_SEEDS=5000 takes more, COUNTERFOIL_FIRST_SEED=9000 others.

With the crash points of test_crash_points.py and of the runner these are two thousand schedules in each run of the
tests; `make torture ARGS='--schedules 100000'` takes the night.
"""

import os
import subprocess
import sys
from collections import Counter
from hashlib import sha256

import pytest

from tests.simulation.chaos import CRASHES
from tests.simulation.simulate import simulate

FIRST = int(os.environ.get("COUNTERFOIL_FIRST_SEED", "0"))
SEEDS = int(os.environ.get("COUNTERFOIL_SEEDS", "240"))
SLICES = 8


@pytest.mark.parametrize("part", range(SLICES))
def test_nothing_is_lost_sold_twice_or_charged_for_nothing(part: int) -> None:
    for seed in range(FIRST + part, FIRST + SEEDS, SLICES):
        simulate(seed)


def test_a_busy_hour_comes_to_every_kind_of_end() -> None:
    """Or else it would prove little."""
    worlds = [simulate(seed) for seed in range(40)]
    ends = Counter((process, last.phase) for world in worlds for (process, _), last in world.books.journals.items())
    checkouts = {end: ends["checkout", end] for end in ("placed", "rejected", "expired", "cancelled")}
    orders = {end: ends["fulfilment", end] for end in ("completed", "cancelled", "needs attention")}
    assert min(checkouts.values()) >= 3, checkouts
    assert min(orders.values()) >= 3, orders
    assert sum(CRASHES - world.chaos.crashes for world in worlds) >= 50
    late = [order for world in worlds for order in world.books.orders if "expired" in world.story.about(order)]
    assert len(late) >= 2


def fingerprint(seed: int) -> str:
    return sha256(simulate(seed).story.about("").encode()).hexdigest()


def test_a_seed_takes_the_same_course_in_every_process() -> None:
    program = f"from {__name__} import fingerprint; print(fingerprint(7))"
    courses = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()[-1]
        for hash_seed in ("1", "2")
    }
    assert courses == {fingerprint(7)}
