"""Clients that dawdle, flood or only sit there: they are cut, and others are served meanwhile."""

import asyncio
import json
from dataclasses import replace

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from infra.http.connection_slots import ConnectionSlots, Patience
from tests.support.fixtures.served import WITHIN, Served, served

SHORT = Patience(headers=0.3, body=0.3, rest=0.3, unread=0.3, largest_headers=2_000)
CALM = Patience(headers=WITHIN, body=WITHIN, rest=WITHIN, unread=WITHIN, dawdling=WITHIN)
MOST_BODY = 1_000
PAGE = b"x" * 20_000_000


async def shop(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads a body of some bytes and answers; says 413 to a larger one, a long story on /story, nothing on /never."""
    size, more = 0, True
    while more and size <= MOST_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    if scope["path"] == "/never":
        await asyncio.Event().wait()
    body = PAGE if scope["path"] == "/story" else str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 413 if size > MOST_BODY else 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def dripping(at: Served, pieces: list[bytes], pause: float) -> bytes:
    """Send pieces one by one until the server hangs up; what it said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        async with asyncio.timeout(WITHIN):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def is_served(at: Served) -> bool:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{at.port}", trust_env=False, timeout=WITHIN) as client:
        answers = [await client.post("/", content=b"mug") for _ in range(3)]
    return [(answer.status_code, answer.text) for answer in answers] == [(200, "3")] * 3


HEAD = b"POST / HTTP/1.1\r\nHost: shop\r\n"


@pytest.mark.parametrize(
    ("pieces", "pause", "said"),
    [
        pytest.param([], 0, b"", id="nothing at all"),
        pytest.param([bytes([byte]) for byte in HEAD + b"X: " + b"x" * 900], 0.02, b"", id="headers, byte by byte"),
        pytest.param([HEAD + b"Content-Length: 9\r\n\r\nmug"], 0, b"HTTP/1.1 408 ", id="a body that stops"),
        pytest.param(
            [HEAD + b"Content-Length: 900\r\n\r\n"] + [b"x"] * 50, 0.02, b"HTTP/1.1 408 ", id="a body, byte by byte"
        ),
        pytest.param([HEAD + b"X: " + b"x" * 3_000], 0, b"HTTP/1.1 431 ", id="a header without end"),
        pytest.param([HEAD] + [b"X: y\r\n" * 100] * 5, 0, b"HTTP/1.1 431 ", id="headers without end"),
        pytest.param([b"GET /" + b"x" * 3_000], 0, b"HTTP/1.1 431 ", id="an address without end"),
        pytest.param(
            [HEAD + b"Transfer-Encoding: chunked\r\n\r\n"] + [b"fff\r\n" + b"x" * 4095 + b"\r\n"] * 20,
            0,
            b"HTTP/1.1 413 ",
            id="a body without end",
        ),
        pytest.param([b"\x16\x03\x01\x02\x00\x01\x00"], 0, b"HTTP/1.1 400 ", id="another protocol"),
        pytest.param(
            [HEAD + b"Transfer-Encoding: chunked\r\n\r\nno length"], 0, b"HTTP/1.1 400 ", id="a body of no chunks"
        ),
    ],
)
async def test_who_dawdles_or_floods_is_cut_while_others_are_served(
    pieces: list[bytes], pause: float, said: bytes
) -> None:
    async with served(shop, ConnectionSlots(patience=SHORT)) as at:
        slow = [asyncio.create_task(dripping(at, pieces, pause)) for _ in range(5)]
        assert await is_served(at)
        heard = await asyncio.gather(*slow)
        # Who goes on sending when the line is cut may lose what was said last (RFC 9112, section 9.6).
        assert {one[: len(said)] for one in heard} <= {said, b""}, heard
        assert max(one.count(b"HTTP/1.1") for one in heard) <= 1
        await at.until(lambda: at.connected == 0)


async def test_what_is_said_to_the_slow_is_a_problem_document() -> None:
    async with served(shop, ConnectionSlots(patience=SHORT)) as at:
        heard = await dripping(at, [HEAD + b"Content-Length: 9\r\n\r\nmug"], 0)
    head, _, body = heard.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert body == (
        b'{"type":"about:blank","title":"Request Timeout","status":408,'
        b'"detail":"The body did not come within 0.3 seconds."}'
    )


async def test_who_never_reads_the_answer_is_cut() -> None:
    async with served(shop, ConnectionSlots(patience=SHORT)) as at:
        _reader, writer = await asyncio.open_connection("127.0.0.1", at.port, limit=1)
        writer.write(b"GET /story HTTP/1.1\r\nHost: shop\r\n\r\n")
        await at.until(lambda: at.connected == 1)
        assert await is_served(at)
        await at.until(lambda: at.connected == 0)
        writer.close()


async def test_idle_ones_make_room_and_busy_ones_do_not() -> None:
    """Ten places: nine sit idle, one is in the middle of a body; twenty more come, and everybody who asks is served."""
    async with served(shop, ConnectionSlots(most=10, patience=CALM)) as at:
        busy = await asyncio.open_connection("127.0.0.1", at.port)
        busy[1].write(HEAD + b"Content-Length: 3\r\n\r\nm")
        await at.until(lambda: at.connected == 1)
        idle = [await asyncio.open_connection("127.0.0.1", at.port) for _ in range(29)]
        await at.until(lambda: at.connected == 10)
        assert await is_served(at)
        busy[1].write(b"ug")
        async with asyncio.timeout(WITHIN):
            assert (await busy[0].readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
        for _, writer in [busy, *idle]:
            writer.close()


async def test_when_all_are_busy_the_next_is_told() -> None:
    async with served(shop, ConnectionSlots(most=2, patience=CALM)) as at:
        busy = [await asyncio.open_connection("127.0.0.1", at.port) for _ in range(2)]
        for _, writer in busy:
            writer.write(HEAD + b"Content-Length: 3\r\n\r\nm")
        await at.until(lambda: at.connected == 2 and not at.idle)
        heard = await dripping(at, [], 0)
        assert heard.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nretry-after: 1\r\n" in heard
        for _, writer in busy:
            writer.close()


async def test_who_is_answered_before_the_body_is_here_is_idle_when_it_has_come() -> None:
    async with served(shop, ConnectionSlots(patience=CALM)) as at:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        writer.write(HEAD + b"Content-Length: 2000\r\n\r\n" + b"x" * 1_500)
        async with asyncio.timeout(WITHIN):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 413")
        assert at.idle == 0
        writer.write(b"x" * 500)
        await at.until(lambda: at.idle == 1)
        writer.close()


async def test_who_waits_for_an_answer_when_the_server_ends_is_told_to_ask_again() -> None:
    patience = replace(CALM, answers=0.3)
    async with served(shop, ConnectionSlots(patience=patience)) as at:
        asked = asyncio.create_task(dripping(at, [b"GET /never HTTP/1.1\r\nHost: shop\r\n\r\n"], 0))
        await at.until(lambda: len(at.server.server_state.tasks) == 1)
        at.server.should_exit = True
        head, _, body = (await asked).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in head
    assert json.loads(body) == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "We are closing, and have no answer yet. Ask again, a command with the same key.",
    }
