"""Who is let in, who waits, who is turned away."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from infra.http.load_shedding import LoadShedding, Room
from tests.support.fixtures.virtual_time import run

PATIENT = 3_600.0
ANYBODY: Scope = {"type": "http", "client": ("192.0.2.1", 1), "headers": []}
ENOUGH = 20


@dataclass(slots=True)
class Shop:
    """Answers when it is told to; knows how many it works for."""

    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    inside: int = 0
    most: int = 0
    served: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await self.go_on.wait()
            return
        message = await receive()
        body = message["body"]
        while message.get("more_body") and len(body) < ENOUGH:
            body += (message := await receive())["body"]
        self.inside += 1
        self.most = max(self.most, self.inside)
        if scope["path"] == "/order":
            await self.go_on.wait()
        self.inside -= 1
        self.served += 1
        if scope["path"] == "/fault":
            raise ZeroDivisionError
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})


def client(load_shedding: LoadShedding) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(load_shedding), base_url="http://shop")


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # what is waited for is a number that nobody announces
        await asyncio.sleep(0)


async def test_under_overload_the_first_are_served_and_the_rest_are_told_at_once() -> None:
    shop = Shop()
    load_shedding = LoadShedding(shop, Room(at_once=2, waiting=3, patience=PATIENT))
    async with client(load_shedding) as http:
        served = [asyncio.create_task(http.post("/order", content=b"mug")) for _ in range(5)]
        await until(lambda: (load_shedding.inside, load_shedding.waiting) == (2, 3))
        with capture_logs() as logs:
            refused = await asyncio.gather(*(http.post("/order", content=b"mug") for _ in range(50)))
        assert {(answer.status_code, answer.headers["retry-after"]) for answer in refused} == {(503, "1")}
        assert refused[0].headers["content-type"] == "application/problem+json"
        assert refused[0].json() == {
            "type": "urn:counterfoil:problem:overloaded",
            "title": "Too many requests are under way",
            "status": 503,
            "detail": "The shop has more to do than it can. Try again in a moment.",
            "instance": "/order",
        }
        assert logs == [{"event": "overloaded", "log_level": "warning", "inside": 2, "waiting": 3, "turned_away": 1}]
        assert (await http.get("/health/live")).status_code == 200
        shop.go_on.set()
        assert [(await one).text for one in served] == ["mug"] * 5
    assert (shop.most, shop.served, load_shedding.inside, load_shedding.waiting, load_shedding.turned_away) == (
        3,
        6,
        0,
        0,
        50,
    )


async def test_who_asks_for_what_is_closed_takes_no_place() -> None:
    asked = list[str]()

    def closed(path: str) -> bool:
        asked.append(path)
        return path == "/order"

    load_shedding = LoadShedding(Shop(), Room(at_once=1, waiting=0), closed)
    told = [load_shedding.refusal(url, ANYBODY) for url in (b"/order?now=1", b"/order", b"/health/live", b"/cart")]
    assert [None if it is None else json.loads(it)["instance"] for it in told] == ["/order", "/order", None, None]
    assert (asked, load_shedding.turned_away) == (["/order", "/order", "/cart"], 2)


async def test_those_who_are_read_in_one_turn_are_counted_before_they_ask_for_a_place() -> None:
    load_shedding = LoadShedding(Shop(), Room(at_once=1, waiting=1))
    assert [load_shedding.refusal(b"/order?now=1", ANYBODY) is None for _ in range(4)] == [True, True, False, False]
    assert load_shedding.refusal(b"/health/live", ANYBODY) is None
    await asyncio.sleep(0)
    told = [load_shedding.refusal(b"/order?now=1", ANYBODY) for _ in range(3)]
    assert told[:2] == [None, None]
    assert told[2] is not None
    assert json.loads(told[2]) == {
        "type": "urn:counterfoil:problem:overloaded",
        "title": "Too many requests are under way",
        "status": 503,
        "detail": "The shop has more to do than it can. Try again in a moment.",
        "instance": "/order",
    }
    assert load_shedding.turned_away == 3


async def test_a_place_is_given_back_by_those_who_fail_and_those_who_go() -> None:
    shop = Shop()
    load_shedding = LoadShedding(shop, Room(at_once=1, waiting=2, patience=PATIENT))
    async with client(load_shedding) as http:
        with pytest.raises(ZeroDivisionError):
            await http.post("/fault")
        inside, gone, next_one = [asyncio.create_task(http.post("/order")) for _ in range(3)]
        await until(lambda: load_shedding.waiting == 2)
        gone.cancel()
        inside.cancel()
        shop.go_on.set()
        assert (await next_one).status_code == 200
    assert (load_shedding.inside, load_shedding.waiting) == (0, 0)


async def test_slow_senders_and_slow_readers_take_nobodys_place() -> None:
    load_shedding = LoadShedding(Shop(), Room(at_once=1, waiting=0))
    hanging = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"m"
        await hanging.wait()
        yield b"ug"

    async def unread(message: Message) -> None:
        sent.append(message["type"])
        await hanging.wait()

    async def nothing() -> Message:
        return {"type": "http.request", "body": b""}

    sent = list[str]()
    async with client(load_shedding) as http:
        slow = asyncio.create_task(http.post("/", content=slowly()))
        reader = asyncio.create_task(load_shedding({"type": "http", "path": "/"}, nothing, unread))
        await until(lambda: sent == ["http.response.start"])
        assert (await http.post("/", content=b"quick")).text == "quick"
        hanging.set()
        assert (await slow).text == "mug"
        await reader
    assert load_shedding.inside == 0


async def test_a_body_without_end_is_passed_on_when_it_is_too_large() -> None:
    load_shedding = LoadShedding(Shop(), Room(body=10))

    async def endless() -> Message:
        return {"type": "http.request", "body": b"abcdef", "more_body": True}

    sent = list[Message]()

    async def send(message: Message) -> None:
        sent.append(message)

    await load_shedding({"type": "http", "path": "/"}, endless, send)
    assert sent[1]["body"] == b"abcdef" * 4


async def test_sockets_are_counted_on_their_own() -> None:
    shop = Shop()
    load_shedding = LoadShedding(shop, Room(at_once=1, sockets=1))

    async def greeting() -> Message:
        return {"type": "websocket.connect"}

    async def connect(told: list[Any]) -> None:
        async def send(message: Message) -> None:
            told.append(message)

        await load_shedding({"type": "websocket", "path": "/graphql"}, greeting, send)

    first, second, third = list[Any](), list[Any](), list[Any]()
    open_one = asyncio.create_task(connect(first))
    await until(lambda: first == [{"type": "websocket.accept"}])
    await connect(second)
    assert second == [{"type": "websocket.close", "code": 1013, "reason": "Try again in a moment."}]
    shop.go_on.set()
    await open_one
    await connect(third)
    assert (third, len(load_shedding.sockets)) == ([{"type": "websocket.accept"}], 0)


@dataclass(slots=True, eq=False)
class Visitor:
    """Comes after so many seconds, keeps the shop busy for some, and may go away before that is over."""

    after: float
    work: float
    leaves: float | None
    began: float | None = None
    told: list[int] = field(default_factory=list)


VISITORS = st.builds(
    Visitor,
    after=st.sampled_from([0.0, 0.1, 1.5]),
    work=st.sampled_from([0.0, 0.4, 1.0, 3.0]),
    leaves=st.none() | st.sampled_from([0.0, 0.4, 1.0]),
)


async def visited(visitors: Sequence[Visitor], room: Room) -> None:
    now = asyncio.get_running_loop().time
    inside = 0
    waiting = list[Visitor]()

    async def shop(scope: Scope, _receive: Receive, send: Send) -> None:
        nonlocal inside
        visitor: Visitor = scope["visitor"]
        inside += 1
        assert inside <= room.at_once
        visitor.began = now()
        waiting.remove(visitor)
        try:
            await asyncio.sleep(visitor.work)
        finally:
            inside -= 1
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    load_shedding = LoadShedding(shop, room)

    async def visit(visitor: Visitor) -> None:
        async def body() -> Message:
            return {"type": "http.request"}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                visitor.told.append(message["status"])
            if visitor.told == [503] and visitor in waiting:
                waiting.remove(visitor)
                assert now() - came == room.patience or inside + len(waiting) >= room.at_once + room.waiting

        await asyncio.sleep(visitor.after)
        came = now()
        waiting.append(visitor)
        scope = {"type": "http", "path": "/", "visitor": visitor}
        asking = asyncio.create_task(load_shedding(scope, body, answer))
        await asyncio.wait([asking], timeout=visitor.leaves)
        if visitor.leaves is not None:
            asking.cancel()
            await asyncio.wait([asking])
            waiting[:] = [other for other in waiting if other is not visitor]
        if not asking.cancelled():
            asking.result()
            assert visitor.told == [503 if visitor.began is None else 200]
        assert load_shedding.waiting <= room.waiting
        assert visitor.began is None or visitor.began - came <= room.patience
        assert visitor.told != [503] or now() - came <= room.patience

    await asyncio.gather(*map(visit, visitors))
    assert (inside, load_shedding.inside, load_shedding.waiting) == (0, 0, 0)
    assert load_shedding.turned_away == sum(visitor.told == [503] for visitor in visitors)


@settings(max_examples=200)
@given(st.lists(VISITORS, min_size=4, max_size=12), st.integers(1, 3), st.integers(0, 3))
def test_no_more_than_there_is_room_for_and_everybody_is_told_in_time(
    visitors: list[Visitor], at_once: int, waiting: int
) -> None:
    run(visited(visitors, Room(at_once=at_once, waiting=waiting, patience=1.0)))
