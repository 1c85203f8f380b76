"""Requests wait for their turn: so many a second, captures and voids first."""

import asyncio

from infra.payments.stripe.pace import Pace, Urgency


class Time:
    """A clock that goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)


async def _sent(pace: Pace, time: Time, requests: list[tuple[str, Urgency]]) -> list[tuple[str, Urgency, float]]:
    sent = list[tuple[str, Urgency, float]]()

    async def one(endpoint: str, urgency: Urgency) -> None:
        await pace.turn(endpoint, urgency)
        sent.append((endpoint, urgency, round(time.now, 6)))

    await asyncio.gather(*(one(*request) for request in requests))
    return sent


async def test_no_second_has_more_requests_than_the_account_allows() -> None:
    time = Time()
    sent = await _sent(Pace(10, 5, time, time.sleep), time, [(f"e{n % 4}", Urgency.SHOPPERS) for n in range(40)])
    assert len(sent) == 40
    assert sum(at == 0 for *_, at in sent) == 10
    assert max(at for *_, at in sent) >= 3


async def test_one_endpoint_has_a_quarter_of_them() -> None:
    time = Time()
    sent = await _sent(Pace(100, 5, time, time.sleep), time, [("one", Urgency.SHOPPERS)] * 11)
    assert [sum(at <= limit for *_, at in sent) for limit in (0, 1.0001, 2)] == [5, 10, 11]


async def test_captures_and_voids_overtake_what_can_wait() -> None:
    time = Time()
    waiting = [("one", Urgency.LATER)] * 4 + [("two", Urgency.SHOPPERS)] * 2 + [("three", Urgency.HOLDS)] * 2
    sent = await _sent(Pace(2, 2, time, time.sleep), time, waiting)
    assert [urgency for _, urgency, _ in sent[2:6]] == [
        Urgency.HOLDS,
        Urgency.HOLDS,
        Urgency.SHOPPERS,
        Urgency.SHOPPERS,
    ]


async def test_who_gives_up_leaves_the_place() -> None:
    time = Time()
    pace = Pace(1, 1, time, time.sleep)
    await pace.turn("one", Urgency.LATER)
    given_up = asyncio.create_task(pace.turn("one", Urgency.HOLDS))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    await pace.turn("one", Urgency.LATER)
    assert round(time.now, 6) <= 2
