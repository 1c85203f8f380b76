"""A body is read up to a limit, however it comes."""

from collections.abc import Sequence

import pytest
from starlette.types import Message, Receive

from http_edge.bodies import LARGEST, BodyBrokeOff, BodyTooLarge, ReadAhead, limited, whole_body


def receiving(*messages: Message) -> Receive:
    waiting = iter(messages)

    async def receive() -> Message:
        return next(waiting)

    return receive


def chunks(*sizes: int) -> Sequence[Message]:
    return [
        {"type": "http.request", "body": b"x" * size, "more_body": n < len(sizes)} for n, size in enumerate(sizes, 1)
    ]


async def all_of(receive: Receive, number: int) -> None:
    for _ in range(number):
        await receive()


@pytest.mark.parametrize("sizes", [(0,), (LARGEST,), (LARGEST - 1, 1), (1, 0, LARGEST - 1)])
async def test_a_body_within_the_limit_is_read_whole(sizes: tuple[int, ...]) -> None:
    assert await whole_body({}, receiving(*chunks(*sizes))) == b"x" * sum(sizes)


@pytest.mark.parametrize("sizes", [(LARGEST + 1,), (LARGEST, 1), (LARGEST - 1, 1, 1, 500_000)])
async def test_a_body_beyond_it_is_refused_as_soon_as_that_is_known(sizes: tuple[int, ...]) -> None:
    with pytest.raises(BodyTooLarge):
        await whole_body({}, receiving(*chunks(*sizes)))
    with pytest.raises(BodyTooLarge):
        await all_of(limited(receiving(*chunks(*sizes))), len(sizes))


@pytest.mark.parametrize("length", [b"100001", b"9" * 5_000])
async def test_a_body_that_is_announced_as_too_large_is_not_read(length: bytes) -> None:
    with pytest.raises(BodyTooLarge):
        await whole_body({b"content-length": length}, receiving())


@pytest.mark.parametrize("before", [(), chunks(3, 3)[:1]])
async def test_half_a_body_is_none(before: Sequence[Message]) -> None:
    with pytest.raises(BodyBrokeOff):
        await whole_body({}, receiving(*before, {"type": "http.disconnect"}))


async def test_what_was_taken_in_ahead_is_read_again_with_what_follows() -> None:
    messages = chunks(3, 4, 5)
    ahead = await ReadAhead(receiving(*messages)).take_in(6)
    assert (ahead.size, ahead.body, ahead.broke_off) == (7, None, False)
    assert [await ahead.receive() for _ in messages] == messages


@pytest.mark.parametrize("sizes", [(0,), (6,), (2, 0, 4), (7,)])
async def test_a_body_taken_in_ahead_is_whole(sizes: tuple[int, ...]) -> None:
    ahead = await ReadAhead(receiving(*chunks(*sizes))).take_in(6)
    assert (ahead.size, ahead.body, ahead.broke_off) == (sum(sizes), b"x" * sum(sizes), False)


async def test_a_body_that_breaks_off_ahead_is_none() -> None:
    messages: list[Message] = [*chunks(3, 4)[:1], {"type": "http.disconnect"}]
    ahead = await ReadAhead(receiving(*messages)).take_in(6)
    assert (ahead.body, ahead.broke_off) == (None, True)
    assert [await ahead.receive() for _ in messages] == messages
