"""Connections that are refused for their headers, and those that lose their place or their body to others."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.testing import capture_logs

from infra.http.bodies import Bodies
from infra.http.callers import TrustedProxies
from infra.http.connection_slots import ConnectionSlots
from tests.infra.http.test_protocol import CALM, HEAD, dripping, is_served, shop
from tests.support.fixtures.served import WITHIN, Served, served

HASTY = replace(CALM, dawdling=0.0)
GET = b"GET / HTTP/1.1\r\nHost: shop\r\n"
UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)


@dataclass(slots=True)
class Peer:
    """One connection from an address of this machine."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def hears(self) -> bytes:
        """All that is told until the line is cut."""
        async with asyncio.timeout(WITHIN):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""


def noted(asked: list[str]) -> ASGIApp:
    """The shop, and what comes to it."""

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope.get("method", scope["type"]))
        await shop(scope, receive, send)

    return noting


@asynccontextmanager
async def peers(at: Served, *pieces: bytes, address: str = "127.0.0.1") -> AsyncIterator[Sequence[Peer]]:
    """One after the other, each read by the server before the next one comes."""
    made = [await peer(at, piece, address) for piece in pieces]
    yield made
    for one in made:
        one.writer.close()


async def peer(at: Served, piece: bytes, address: str) -> Peer:
    connected, idle = at.connected, at.idle
    one = Peer(*await asyncio.open_connection("127.0.0.1", at.port, local_addr=(address, 0)))
    await at.until(lambda: at.connected == connected + 1)
    if piece:
        one.writer.write(piece)
        await at.until(lambda: at.idle == idle)
    return one


@pytest.mark.parametrize(
    ("request_", "detail"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", "Send a Host header (RFC 9112, section 3.2).", id="no host"),
        pytest.param(GET + b"Host: shop\r\n\r\n", "Send each of these headers once: Host (2 times).", id="two hosts"),
        pytest.param(
            GET + b"Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n",
            "Send each of these headers once: Authorization (2 times).",
            id="two tokens",
        ),
        pytest.param(
            GET + b"Idempotency-Key: a\r\n" * 2 + b"Content-Type: text/plain\r\n" * 3 + b"\r\n",
            "Send each of these headers once: Content-Type (3 times), Idempotency-Key (2 times).",
            id="two keys and three types",
        ),
        pytest.param(b"HELO shop\r\n", "The request does not follow RFC 9112.", id="another protocol"),
        pytest.param(
            GET + UPGRADE + b"Authorization: Bearer a\r\n" * 2 + b"\r\n",
            "Send each of these headers once: Authorization (2 times).",
            id="two tokens for a socket",
        ),
    ],
)
async def test_headers_that_could_mean_two_things_are_refused(request_: bytes, detail: str) -> None:
    """Before either API sees them, so both refuse them alike; nor does it see what follows on the line."""
    asked = list[str]()
    async with served(noted(asked), ConnectionSlots(patience=CALM)) as at:
        heard = await dripping(at, [request_ + GET + b"\r\n"], 0)
        await at.until(lambda: at.connected == 0 and not at.server.server_state.tasks)
        assert await is_served(at)
    assert asked == ["POST"] * 3
    assert heard.count(b"HTTP/1.1 ") == 1
    head, _, body = heard.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"\r\ncontent-type: application/problem+json\r\n" in head
    assert b"retry-after" not in head
    assert json.loads(body) == {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": detail}


async def test_headers_that_may_come_twice_are_left_alone_and_old_clients_need_no_host() -> None:
    async with served(shop, ConnectionSlots(patience=CALM)) as at:
        twice = await dripping(at, [GET + b"Accept: a\r\nAccept: b\r\nConnection: close\r\n\r\n"], 0)
        old = await dripping(at, [b"GET / HTTP/1.0\r\n\r\n"], 0)
    assert [twice[:15], old[:15]] == [b"HTTP/1.1 200 OK"] * 2


@pytest.mark.parametrize("behind", [b"GET / HTTP/1.1\r\n\r\n", b"HELO shop\r\n"])
async def test_a_refused_request_is_not_answered_in_the_name_of_the_one_before_it(behind: bytes) -> None:
    async with served(shop, ConnectionSlots(patience=CALM)) as at:
        assert await dripping(at, [b"GET /never HTTP/1.1\r\nHost: shop\r\n\r\n" + behind], 0) == b""


@pytest.mark.parametrize(
    ("slow", "told"),
    [
        pytest.param(HEAD, b"HTTP/1.1 408 ", id="in the headers"),
        pytest.param(HEAD + b"Content-Length: 9\r\n\r\nmug", b"HTTP/1.1 408 ", id="in the body"),
        pytest.param(HEAD + b"Content-Length: 9000\r\n\r\n" + b"x" * 2_000, b"HTTP/1.1 413 ", id="answered already"),
    ],
)
async def test_when_all_places_are_taken_by_the_slow_the_slowest_makes_room(slow: bytes, told: bytes) -> None:
    async with served(shop, ConnectionSlots(most=3, patience=HASTY)) as at, peers(at, slow, slow, slow) as made:
        await at.until(lambda: at.server.server_state.total_requests == 3 * (b" 413 " in told))
        assert await is_served(at)
        heard = await made[0].hears()
        assert (heard[: len(told)], heard.count(b"HTTP/1.1")) == (told, 1)


async def test_who_waits_for_an_answer_makes_no_room() -> None:
    asked = b"GET /never HTTP/1.1\r\nHost: shop\r\n\r\n"
    async with served(shop, ConnectionSlots(most=2, patience=HASTY)) as at, peers(at, asked, asked):
        assert (await dripping(at, [], 0)).startswith(b"HTTP/1.1 503 ")


async def test_an_address_with_too_many_makes_room_itself() -> None:
    crowd = ConnectionSlots(each=2, patience=HASTY)
    async with served(shop, crowd) as at, peers(at, b"", address="127.0.0.2") as others, peers(at, HEAD, HEAD) as made:
        assert await is_served(at)
        assert (await made[0].hears()).startswith(b"HTTP/1.1 408 ")
        others[0].writer.write(GET + b"Connection: close\r\n\r\n")
        assert (await others[0].hears()).startswith(b"HTTP/1.1 200 ")


async def test_an_address_with_too_many_that_are_answered_is_told_and_a_proxy_is_not() -> None:
    asked = b"GET /never HTTP/1.1\r\nHost: shop\r\n\r\n"
    async with served(shop, ConnectionSlots(each=1, patience=HASTY)) as at, peers(at, asked):
        assert (await dripping(at, [], 0)).startswith(b"HTTP/1.1 503 ")
    crowd = ConnectionSlots(each=1, patience=HASTY, proxies=TrustedProxies.at(["127.0.0.0/8"]))
    async with served(shop, crowd) as at, peers(at, asked):
        assert await is_served(at)


async def test_bodies_under_way_take_no_more_memory_than_they_may() -> None:
    """Two hundred that do not end, ten of which there is memory for; what is whole is served."""
    crowd = ConnectionSlots(patience=CALM, bodies=Bodies(most=9_900))
    unfinished = HEAD + b"Content-Length: 1000\r\n\r\n" + b"x" * 990
    async with served(shop, crowd) as at:
        writers = [(await asyncio.open_connection("127.0.0.1", at.port)) for _ in range(200)]
        for _, writer in writers:
            writer.write(unfinished)
        await at.until(lambda: at.connected == 10)
        assert crowd.bodies.held == 9_900
        assert await is_served(at)
        assert crowd.bodies.held == 8_910
        told = await Peer(*writers[0]).hears()
        assert told.startswith(b"HTTP/1.1 503 ")
        assert json.loads(told.partition(b"\r\n\r\n")[2])["detail"] == (
            "Too many bodies are under way. Send it again in a moment."
        )
        for _, writer in writers:
            writer.close()
        await at.until(lambda: at.connected == 0)
    assert crowd.bodies.held == 0


async def test_pages_of_a_named_origin_may_read_what_they_are_refused() -> None:
    crowd = ConnectionSlots(patience=CALM, origins=frozenset([b"https://shop.example"]))
    async with served(shop, crowd) as at:
        theirs, others = [
            await dripping(at, [b"GET / HTTP/1.1\r\nOrigin: " + origin + b"\r\n\r\n"], 0)
            for origin in (b"https://shop.example", b"https://evil.example")
        ]
    assert b"\r\naccess-control-allow-origin: https://shop.example\r\n" in theirs
    assert b"access-control" not in others


async def test_the_log_says_once_in_a_while_what_the_slow_lose() -> None:
    with capture_logs() as logs:
        async with served(shop, ConnectionSlots(most=2, patience=HASTY)) as at, peers(at, HEAD, HEAD):
            assert await is_served(at)
            assert await is_served(at)
    assert [{**line, "idle": 0} for line in logs] == [
        {
            "event": "connections crowded",
            "log_level": "warning",
            "connections": 1,
            "idle": 0,
            "slow": 1,
            "body_bytes": 0,
            "lost": 1,
        }
    ]


async def test_a_socket_keeps_no_place_of_connections() -> None:
    """Sockets have places of their own, and the server hears of their end elsewhere."""

    async def accepting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await receive()
        else:
            await shop(scope, receive, send)

    crowd = ConnectionSlots(each=1, patience=HASTY)
    async with served(accepting, crowd) as at, peers(at, b"") as made:
        made[0].writer.write(GET + UPGRADE + b"\r\n")
        assert await made[0].reader.readline() == b"HTTP/1.1 101 Switching Protocols\r\n"
        assert len(crowd.places) == 0
        assert await is_served(at)
        await at.until(lambda: len(crowd.places) == 0)
