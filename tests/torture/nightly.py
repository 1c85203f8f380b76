"""Simulated schedules by the ten thousand, on every processor; the story of each that fails."""

import logging
import os
from concurrent.futures import ProcessPoolExecutor
from time import monotonic

import structlog
from rich.console import Console

from tests.simulation.simulate import simulate

CHUNK = 50
TELL_EVERY = 1000


def story(seed: int) -> str | None:
    """What goes wrong under a seed, as given, when and then; None: nothing."""
    try:
        simulate(seed)
    except AssertionError as broken:
        return str(broken)
    return None


def simulate_all(first: int, schedules: int, console: Console) -> int:
    """Exit code 1 when any of them fails."""
    began, failures = monotonic(), 0
    seeds = range(first, first + schedules)
    with ProcessPoolExecutor(os.cpu_count(), initializer=_quiet) as pool:
        for done, broken in enumerate(pool.map(story, seeds, chunksize=CHUNK), start=1):
            if broken is not None:
                failures += 1
                console.print(broken, markup=False, highlight=False)
            if done % TELL_EVERY == 0:
                console.print(f"{done:,} schedules, {failures} failed, {monotonic() - began:.0f} s", highlight=False)
    console.print(f"{schedules:,} schedules from seed {first} on: {failures} failed.", highlight=False)
    return 1 if failures else 0


def _quiet() -> None:
    """Thousands of planned accidents are logged otherwise."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
