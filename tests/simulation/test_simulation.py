"""Whole checkouts through random schedules. COUNTERFOIL_SEEDS=5000 takes more, COUNTERFOIL_FIRST_SEED=9000 others."""

import os
import subprocess
import sys
from hashlib import sha256

import pytest

from tests.simulation.simulate import simulate

FIRST = int(os.environ.get("COUNTERFOIL_FIRST_SEED", "0"))
SEEDS = int(os.environ.get("COUNTERFOIL_SEEDS", "240"))
SLICES = 8


@pytest.mark.parametrize("part", range(SLICES))
def test_nothing_is_lost_sold_twice_or_charged_for_nothing(part: int) -> None:
    for seed in range(FIRST + part, FIRST + SEEDS, SLICES):
        simulate(seed)


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
