"""Answers to requests that name themselves, given again while they are remembered."""

import asyncio
from dataclasses import dataclass

import pytest
from fastapi import Response

from commands.idempotency import CommandIdReused
from write_api.http.idempotency import Answers

KEY = ("anna", frozenset({"shopper"}), "key")


@dataclass(slots=True)
class Work:
    """Counts how often it is done; waits until it may go on."""

    status: int = 201
    done: int = 0
    fails: bool = False

    async def __call__(self) -> Response:
        self.done += 1
        await asyncio.sleep(0)
        if self.fails:
            raise RuntimeError("broken")
        return Response(b"done", self.status, {"Counterfoil-Position": "7"})


async def test_fifty_at_once_are_carried_out_once_and_answered_alike() -> None:
    answers, work = Answers(10), Work()
    given = await asyncio.gather(*(answers.once(KEY, "a", work) for _ in range(50)))
    given.append(await answers.once(KEY, "a", work))
    assert work.done == 1
    assert {(one.status_code, one.body, one.headers["counterfoil-position"]) for one in given} == {(201, b"done", "7")}


async def test_another_request_under_the_key_is_refused_while_the_first_is_on_its_way() -> None:
    answers, work = Answers(10), Work()
    first = asyncio.create_task(answers.once(KEY, "a", work))
    await asyncio.sleep(0)
    with pytest.raises(CommandIdReused):
        await answers.once(KEY, "b", work)
    assert ((await first).status_code, work.done) == (201, 1)


@pytest.mark.parametrize("work", [Work(status=409), Work(fails=True)])
async def test_those_who_wait_share_a_failure_and_those_who_come_later_try_again(work: Work) -> None:
    answers = Answers(10)
    await asyncio.gather(*(answers.once(KEY, "a", work) for _ in range(50)), return_exceptions=True)
    assert work.done == 1
    better = Work()
    assert (await answers.once(KEY, "b", better)).status_code == 201


async def test_a_caller_who_goes_away_does_not_stop_what_others_wait_for() -> None:
    answers, work = Answers(10), Work()
    leaving = asyncio.create_task(answers.once(KEY, "a", work))
    staying = asyncio.create_task(answers.once(KEY, "a", work))
    await asyncio.sleep(0)
    leaving.cancel()
    assert ((await staying).status_code, work.done) == (201, 1)
