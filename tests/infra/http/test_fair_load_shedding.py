"""Who asks or dawdles much takes nothing away from who asks little."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from infra.http.callers import TrustedProxies
from infra.http.load_shedding import LoadShedding, Room
from read_api.app import create_app
from tests.infra.http.test_load_shedding import PATIENT, Shop, client, until
from tests.support.fixtures.socket import Closed, connected
from tests.support.harness.read_side import NoHistory, NoModels, OpenBook, ports


async def test_who_sends_exactly_the_largest_body_and_no_end_takes_no_place() -> None:
    turnstile = LoadShedding(Shop(), Room(at_once=1, waiting=0, body=10))
    messages = asyncio.Queue[Message]()
    await messages.put({"type": "http.request", "body": b"x" * 10, "more_body": True})
    sent = list[Message]()

    async def send(message: Message) -> None:
        sent.append(message)

    dawdler = asyncio.create_task(turnstile({"type": "http", "path": "/"}, messages.get, send))
    await until(messages.empty)
    async with client(turnstile) as http:
        assert (await http.post("/", content=b"quick")).text == "quick"
    await messages.put({"type": "http.request", "body": b"", "more_body": False})
    await dawdler
    assert sent[1]["body"] == b"x" * 10


async def test_those_who_hang_up_within_their_bodies_ask_for_no_place() -> None:
    """Hundreds whose slow bodies are cut at once were hundreds who asked for a place at once."""
    shop = Shop()
    turnstile = LoadShedding(shop, Room(at_once=1, waiting=1, patience=PATIENT))
    ends = asyncio.Event()

    async def slow() -> Message:
        if ends.is_set():
            return {"type": "http.disconnect"}
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"m", "more_body": True}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    async with client(turnstile) as http:
        inside = asyncio.create_task(http.post("/order", content=b"mug"))
        await until(lambda: turnstile.inside == 1)
        gone = [asyncio.create_task(turnstile({"type": "http", "path": "/order"}, slow, send)) for _ in range(50)]
        await asyncio.sleep(0)
        ends.set()
        await asyncio.gather(*gone)
        assert (turnstile.inside, turnstile.waiting, turnstile.turned_away) == (1, 0, 0)
        shop.go_on.set()
        assert (await inside).text == "mug"
    assert shop.served == 1


def asked_by(address: str, answers: dict[str, list[int]]) -> tuple[Scope, Callable[[Message], Awaitable[None]]]:
    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answers.setdefault(address, []).append(message["status"])

    return {"type": "http", "path": "/order", "client": (address, 1), "headers": []}, send


async def greeting() -> Message:
    return {"type": "websocket.connect"}


async def body() -> Message:
    return {"type": "http.request", "body": b"mug"}


async def test_who_asks_much_makes_room_for_who_asks_little() -> None:
    """Greedy fills the place and the queue; modest is let in at the door and served next but one."""
    shop, answers, order = Shop(), dict[str, list[int]](), list[str]()
    turnstile = LoadShedding(shop, Room(at_once=1, waiting=4, patience=PATIENT))

    async def ask(address: str) -> None:
        scope, send = asked_by(address, answers)
        await turnstile(scope, body, send)
        order.append(address)

    greedy = [asyncio.create_task(ask("192.0.2.1")) for _ in range(5)]
    await until(lambda: (turnstile.inside, turnstile.waiting) == (1, 4))
    assert turnstile.refusal(b"/order", asked_by("192.0.2.1", answers)[0]) is not None
    assert turnstile.refusal(b"/order", asked_by("192.0.2.2", answers)[0]) is None
    modest = asyncio.create_task(ask("192.0.2.2"))
    await until(lambda: answers.get("192.0.2.1") == [503])
    again = asyncio.create_task(ask("192.0.2.1"))
    await again
    shop.go_on.set()
    await asyncio.gather(*greedy, modest)
    assert order == ["192.0.2.1"] * 2 + ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.1"]
    assert answers == {"192.0.2.1": [503, 503, 200, 200, 200, 200], "192.0.2.2": [200]}
    assert (turnstile.inside, turnstile.waiting) == (0, 0)


async def test_behind_a_proxy_the_addresses_that_it_names_are_told_apart() -> None:
    shop = Shop()
    turnstile = LoadShedding(shop, Room(sockets=3, sockets_each=1), proxies=TrustedProxies.at(["203.0.113.7"]))
    open_ones = set[asyncio.Task[None]]()

    async def opened_behind(peer: str, forwarded: str) -> str:
        """What a WebSocket is told first; it stays open."""
        told = asyncio.Queue[Message]()
        headers = [(b"x-forwarded-for", forwarded.encode())]
        scope = {"type": "websocket", "path": "/graphql", "client": (peer, 1), "headers": headers}
        open_ones.add(asyncio.create_task(turnstile(scope, greeting, told.put)))
        return str((await told.get())["type"])

    assert [await opened_behind("203.0.113.7", address) for address in ("192.0.2.1", "192.0.2.2")] == [
        "websocket.accept",
        "websocket.accept",
    ]
    assert await opened_behind("203.0.113.7", "192.0.2.1") == "websocket.close"
    assert await opened_behind("198.51.100.1", "192.0.2.3") == "websocket.accept"
    assert await opened_behind("198.51.100.1", "192.0.2.4") == "websocket.close"
    shop.go_on.set()
    await asyncio.gather(*open_ones)


async def test_an_idle_socket_makes_room_for_the_next_one_of_its_address() -> None:
    turnstile = LoadShedding(create_app(ports(NoModels(), NoHistory(), OpenBook())), Room(sockets=10, sockets_each=2))
    async with connected(turnstile) as first, connected(turnstile) as second:
        for socket in (first, second):
            assert (await socket.greet())["type"] == "connection_ack"
        async with connected(turnstile) as third:
            assert (await third.greet())["type"] == "connection_ack"
            with pytest.raises(Closed) as closed:
                await first.hear()
            assert (closed.value.code, closed.value.reason) == (
                1013,
                "Others need the place. Connect again in a moment.",
            )
            await second.say({"type": "ping"})
            assert await second.hear() == {"type": "pong"}
            assert len(turnstile.sockets) == 2
    assert len(turnstile.sockets) == 0


async def test_the_application_sees_the_caller_and_not_the_proxy() -> None:
    seen = list[Scope]()

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(scope)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    shop = LoadShedding(app, Room(), proxies=TrustedProxies.at(["203.0.113.7"]))
    transport = httpx.ASGITransport(shop, client=("203.0.113.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as behind_a_proxy:
        await behind_a_proxy.get("/", headers={"X-Forwarded-For": "192.0.2.1"})
    assert [scope["client"] for scope in seen] == [("192.0.2.1", 4711)]
