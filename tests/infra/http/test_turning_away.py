"""What a request is told that comes when all places are taken, on the wire; and that nothing runs for it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from starlette.types import Receive, Scope, Send

from infra.http.connection_slots import ConnectionSlots
from infra.http.load_shedding import LoadShedding, Room
from tests.support.fixtures.served import WITHIN, Served, served

MUG = b"POST /mug?size=1 HTTP/1.1\r\nHost: shop\r\n"
FLOOD = 20_000
KEPT = 300_000
"""Bytes of answers that nobody reads: asyncio's bound, and what was read in one piece when it was reached."""


@dataclass(slots=True)
class Shop:
    """Answers with the path; to /wait when it is told to. Knows what it was asked."""

    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        await receive()
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        if scope["path"] == "/wait":
            await self.go_on.wait()
        body = scope["path"].encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})


@dataclass(slots=True)
class Visitor:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def sends(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0.01)

    async def hears(self) -> tuple[str, bytes]:
        """Head and body of the next answer."""
        async with asyncio.timeout(WITHIN):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            return head.decode(), await self.reader.readexactly(length)


@dataclass(slots=True)
class Rush:
    """A shop whose only place is taken by somebody who waits."""

    shop: Shop
    load_shedding: LoadShedding
    at: Served
    inside: Visitor

    async def visitor(self) -> Visitor:
        return Visitor(*await asyncio.open_connection("127.0.0.1", self.at.port))

    async def ends(self) -> None:
        self.shop.go_on.set()
        assert await self.inside.hears() == (OK.format(5), b"/wait")


OK = "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n"


@asynccontextmanager
async def admission() -> AsyncIterator[Rush]:
    shop = Shop()
    load_shedding = LoadShedding(shop, Room(at_once=1, waiting=0))
    async with served(load_shedding, ConnectionSlots(refusal=load_shedding.refusal)) as at:
        inside = Visitor(*await asyncio.open_connection("127.0.0.1", at.port))
        await inside.sends(b"GET /wait HTTP/1.1\r\nHost: shop\r\n\r\n")
        await at.until(lambda: load_shedding.inside == 1)
        yield Rush(shop, load_shedding, at, inside)


def head(length: int, *more: str) -> str:
    lines = (
        "HTTP/1.1 503 Service Unavailable",
        "content-type: application/problem+json",
        "retry-after: 1",
        f"content-length: {length}",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        *more,
    )
    return "\r\n".join(lines) + "\r\n\r\n"


def problem(path: str) -> dict[str, object]:
    return {
        "type": "urn:counterfoil:problem:overloaded",
        "title": "Too many requests are under way",
        "status": 503,
        "detail": "The shop has more to do than it can. Try again in a moment.",
        "instance": path,
    }


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b"GET /mug HTTP/1.1\r\nHost: shop\r\n\r\n"], id="no body"),
        pytest.param([MUG + b"Content-Length: 3\r\n\r\nmug"], id="a body"),
        pytest.param([MUG + b"Content-Length: 3\r\n\r\n", b"m", b"ug"], id="a body that comes later"),
        pytest.param([MUG + b"Transfer-Encoding: chunked\r\n\r\n3\r\nmug\r\n0\r\n\r\n"], id="a body in chunks"),
        pytest.param([MUG + b"Transfer-Encoding: chunked\r\n\r\n3\r\nm", b"ug\r\n0\r\n\r\n"], id="chunks, later"),
        pytest.param([MUG + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n", b"mug"], id="a body to be asked for"),
        pytest.param([bytes([byte]) for byte in MUG] + [b"Content-Length: 0\r\n\r\n"], id="byte by byte"),
    ],
)
async def test_it_is_told_to_come_later_and_the_connection_can_be_used_again(pieces: Sequence[bytes]) -> None:
    async with admission() as at:
        visitor = await at.visitor()
        await visitor.sends(*pieces)
        told, body = await visitor.hears()
        assert (told, json.loads(body)) == (head(len(body)), problem("/mug"))
        await at.at.until(lambda: at.at.idle == 1)
        await at.ends()
        await visitor.sends(MUG + b"Content-Length: 3\r\n\r\nmug")
        assert await visitor.hears() == (OK.format(4), b"/mug")
        assert (at.shop.asked, at.load_shedding.turned_away) == (["/wait", "/mug"], 1)


@pytest.mark.parametrize(
    "asked", [b"GET /mug HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n", b"GET /mug HTTP/1.0\r\n\r\n"]
)
async def test_who_wants_to_go_is_let_go_and_nothing_that_follows_is_heard(asked: bytes) -> None:
    async with admission() as at:
        visitor = await at.visitor()
        await visitor.sends(asked + b"GET /health HTTP/1.1\r\nHost: shop\r\n\r\n")
        told, body = await visitor.hears()
        assert (told, json.loads(body)) == (head(len(body), "connection: close"), problem("/mug"))
        async with asyncio.timeout(WITHIN):
            assert await visitor.reader.read() == b""
        await at.at.until(lambda: at.at.connected == 1)
        assert at.shop.asked == ["/wait"]


async def test_to_head_the_head_is_told() -> None:
    async with admission() as at:
        visitor = await at.visitor()
        await visitor.sends(b"HEAD /mug HTTP/1.1\r\nHost: shop\r\n\r\n" + b"GET /health HTTP/1.1\r\nHost: shop\r\n\r\n")
        async with asyncio.timeout(WITHIN):
            told = await visitor.reader.readuntil(b"\r\n\r\n")
        assert told.decode() == head(len(json.dumps(problem("/mug"), separators=(",", ":"))))
        assert await visitor.hears() == (OK.format(7), b"/health")


async def test_requests_in_one_piece_are_answered_in_their_order() -> None:
    async with admission() as at:
        visitor = await at.visitor()
        paths = ["/mug", "/health/live", "/cup", "/health"]
        await visitor.sends(b"".join(f"GET {path} HTTP/1.1\r\nHost: shop\r\n\r\n".encode() for path in paths))
        heard = [(await visitor.hears())[1] for _ in paths]
        assert [json.loads(heard[0]), heard[1], json.loads(heard[2]), heard[3]] == [
            problem("/mug"),
            b"/health/live",
            problem("/cup"),
            b"/health",
        ]
        assert at.shop.asked == ["/wait", "/health/live", "/health"]


async def test_who_asks_more_before_the_first_answer_is_not_told_before_it() -> None:
    async with admission() as at:
        await at.inside.sends(MUG + b"Content-Length: 3\r\n\r\nmug")
        await at.ends()
        assert await at.inside.hears() == (OK.format(4), b"/mug")
        assert at.load_shedding.turned_away == 0


async def test_sockets_are_not_asked_for_a_place_of_requests() -> None:
    async with admission() as at:
        visitor = await at.visitor()
        await visitor.sends(
            b"GET /socket HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        async with asyncio.timeout(WITHIN):
            assert (await visitor.reader.readline()) == b"HTTP/1.1 101 Switching Protocols\r\n"
        assert (at.shop.asked, at.load_shedding.turned_away) == (["/wait", "/socket"], 0)


async def test_answers_that_nobody_reads_are_not_piled_up() -> None:
    async with admission() as at:
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            deaf.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(deaf, ("127.0.0.1", at.at.port))
            asking = asyncio.create_task(loop.sock_sendall(deaf, b"GET /mug HTTP/1.1\r\nHost: shop\r\n\r\n" * FLOOD))
            await at.at.until(stalled(at.at))
            assert 0 < most_unread(at.at) < KEPT
            asking.cancel()
            await asyncio.wait([asking])
        await at.at.until(lambda: at.at.connected == 1)
        assert at.shop.asked == ["/wait"]


def most_unread(at: Served) -> int:
    return max(one.transport.get_write_buffer_size() for one in at.server.server_state.connections)


def stalled(at: Served) -> Callable[[], bool]:
    """Whether a connection holds answers, as many as when it was looked at last."""
    last = 0

    def same() -> bool:
        nonlocal last
        before, last = last, most_unread(at)
        return 0 < last == before

    return same
