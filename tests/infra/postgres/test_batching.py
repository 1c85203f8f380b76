"""Batches of concurrent calls."""

import asyncio
from collections.abc import Sequence

import pytest

from commands.ports import StoreUnavailable
from infra.postgres.batching import Batcher


class Outside:
    """Doubles numbers, when it is let."""

    def __init__(self) -> None:
        self.batches = list[list[int]]()
        self.open = asyncio.Event()

    async def double(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(numbers))
        await self.open.wait()
        return [ZeroDivisionError() if n == 0 else 2 * n for n in numbers]

    def gathering(
        self, *, at_once: int = 1, most: int = 4, waiting: int = 100, patience: float = 20
    ) -> Batcher[int, int]:
        return Batcher(self.double, at_once, most, waiting, patience)


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_comes_while_a_batch_is_under_way_makes_up_the_next() -> None:
    outside = Outside()
    gathering = outside.gathering()
    calls = [asyncio.create_task(gathering(1))]
    await turns()
    calls += [asyncio.create_task(gathering(n)) for n in range(2, 8)]
    await turns()
    assert outside.batches == [[1]]

    outside.open.set()

    assert await asyncio.gather(*calls) == [2, 4, 6, 8, 10, 12, 14]
    assert outside.batches == [[1], [2, 3, 4, 5], [6, 7]]
    assert await gathering(8) == 16


async def test_several_batches_can_be_under_way() -> None:
    outside = Outside()
    gathering = outside.gathering(at_once=2)
    calls = list[asyncio.Task[int]]()
    for n in range(1, 5):
        calls.append(asyncio.create_task(gathering(n)))
        await turns()
    assert outside.batches == [[1], [2]]

    outside.open.set()

    assert await asyncio.gather(*calls) == [2, 4, 6, 8]


async def test_an_answer_can_be_an_exception_for_one_caller() -> None:
    outside = Outside()
    outside.open.set()
    gathering = outside.gathering()

    answers = await asyncio.gather(*(gathering(n) for n in (1, 0, 2)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [int, ZeroDivisionError, int]


async def test_what_fails_a_batch_fails_each_of_its_callers_and_no_other() -> None:
    async def fail_once(numbers: Sequence[int]) -> Sequence[int]:
        if 1 in numbers:
            raise StoreUnavailable("no")
        return numbers

    gathering = Batcher(fail_once, at_once=1, most=2, waiting=10, patience=20)

    answers = await asyncio.gather(*(gathering(n) for n in (1, 2, 3, 4)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [StoreUnavailable, StoreUnavailable, int, int]
    assert answers[0] is not answers[1]


async def test_a_call_that_fails_its_batch_fails_alone() -> None:
    batches = list[list[int]]()

    async def inverse(numbers: Sequence[int]) -> Sequence[int]:
        batches.append(list(numbers))
        return [12 // n for n in numbers]

    gathering = Batcher(inverse, at_once=1, most=4, waiting=10, patience=20)

    answers = await asyncio.gather(*(gathering(n) for n in (1, 2, 0, 3)), return_exceptions=True)

    assert [answers[n] for n in (0, 1, 3)] == [12, 6, 4]
    assert isinstance(answers[2], StoreUnavailable)
    assert isinstance(answers[2].__cause__, ZeroDivisionError)
    assert batches == [[1, 2, 0, 3], [1], [2], [0], [3]]


async def test_a_full_queue_turns_callers_away_at_once() -> None:
    outside = Outside()
    gathering = outside.gathering(most=1, waiting=2)
    calls = [asyncio.create_task(gathering(1))]
    await turns()
    calls += [asyncio.create_task(gathering(n)) for n in (2, 3)]
    await turns()

    with pytest.raises(StoreUnavailable, match="2 others wait"):
        await gathering(4)

    outside.open.set()
    assert await asyncio.gather(*calls) == [2, 4, 6]


async def test_patience_ends_for_those_who_wait_and_they_are_left_out() -> None:
    outside = Outside()
    gathering = outside.gathering(most=1, patience=0.01)
    calls = [asyncio.create_task(gathering(n)) for n in (1, 2)]
    await asyncio.sleep(0.02)

    outside.open.set()

    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers] == [int, StoreUnavailable]
    assert await gathering(3) == 6
    assert outside.batches == [[1], [3]]


async def test_a_caller_who_leaves_is_left_out() -> None:
    outside = Outside()
    gathering = outside.gathering(most=1)
    first, second, third = (asyncio.create_task(gathering(n)) for n in (1, 2, 3))
    await turns()
    second.cancel()
    outside.open.set()

    assert (await first, await third) == (2, 6)
    assert outside.batches == [[1], [3]]


async def test_closing_waits_for_what_was_asked() -> None:
    outside = Outside()
    gathering = outside.gathering(most=1)
    calls = [asyncio.create_task(gathering(n)) for n in (1, 2, 3)]
    await turns()
    closing = asyncio.create_task(gathering.close())
    await turns()
    assert not closing.done()

    outside.open.set()
    await closing

    assert [call.result() for call in calls] == [2, 4, 6]
