"""What is due rings then, whatever was set before."""

import asyncio
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from infra.http.deadline import Deadline
from tests.support.fixtures.virtual_time import run

SECONDS = st.sampled_from([0.0, 1.0, 2.0, 5.0])
STEPS = st.lists(st.tuples(SECONDS, SECONDS | st.none()), max_size=12)
"""Wait so long; then set what is due in so long, or lift it."""

ALL_OVER = 100.0


async def rung(steps: list[tuple[float, float | None]]) -> list[tuple[float, int]]:
    loop, heard = asyncio.get_running_loop(), list[tuple[float, int]]()
    deadline = Deadline(loop)

    def hear(number: int) -> None:
        heard.append((loop.time(), number))

    for number, (pause, seconds) in enumerate(steps):
        await asyncio.sleep(pause)
        if seconds is None:
            deadline.lift()
        else:
            deadline.set(seconds, partial(hear, number))
    await asyncio.sleep(ALL_OVER)
    return heard


def due(steps: list[tuple[float, float | None]]) -> list[tuple[float, int]]:
    """Each that was not moved or lifted before its time."""
    now, heard, pending = 0.0, list[tuple[float, int]](), None
    for number, (pause, seconds) in enumerate(steps):
        now += pause
        if pending is not None and pending[0] < now:
            heard.append(pending)
        pending = None if seconds is None else (now + seconds, number)
    return heard if pending is None else [*heard, pending]


@given(STEPS)
def test_it_rings_when_it_is_due_and_not_for_what_was_moved_or_lifted(steps: list[tuple[float, float | None]]) -> None:
    apart = [(pause + 0.25 if number % 2 else pause + 0.5, seconds) for number, (pause, seconds) in enumerate(steps)]
    assert run(rung(apart)) == due(apart)


def test_the_loop_forgets_what_is_closed() -> None:
    async def closed() -> float | None:
        loop = asyncio.get_running_loop()
        deadline = Deadline(loop)
        deadline.set(1.0, loop.stop)
        deadline.close()
        await asyncio.sleep(2.0)
        return loop.time()

    assert run(closed()) == 2.0
