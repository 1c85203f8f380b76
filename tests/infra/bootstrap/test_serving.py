"""Many who connect at once are taken in at once."""

import asyncio
import socket
from contextlib import suppress

import pytest
import uvloop
from starlette.types import Receive, Scope, Send

from infra.bootstrap.local_stack import free_port
from infra.bootstrap.serving import DOORS, serve
from infra.http.load_shedding import LoadShedding, Room
from infra.settings import Settings

MANY = 200
A_FEW = 10
"""Turns that pass until the first request is read, and until the last one is answered."""


async def turns_until_all_are_heard(*, beside_others: bool) -> int:
    """How many turns of the loop pass from the first of many requests that is heard to the last one."""
    turn, heard, all_heard = 0, list[int](), asyncio.Event()

    async def shop(_scope: Scope, _receive: Receive, send: Send) -> None:
        heard.append(turn)
        if len(heard) == MANY:
            all_heard.set()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    ready, port = asyncio.Event(), free_port("127.0.0.1", 0)
    turnstile = LoadShedding(shop, Room(at_once=MANY))
    serving = asyncio.create_task(serve(turnstile, Settings(), port, ready.set, beside_others=beside_others))
    await ready.wait()
    visitors = [socket.create_connection(("127.0.0.1", port)) for _ in range(MANY)]
    for visitor in visitors:
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
    while not all_heard.is_set():
        turn += 1
        await asyncio.sleep(0)
    for visitor in visitors:
        visitor.close()
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    return heard[-1] - heard[0]


@pytest.mark.parametrize("beside_others", [False, True])
def test_many_who_connect_at_once_are_heard_within_few_turns_of_the_loop(beside_others: bool) -> None:
    assert uvloop.run(turns_until_all_are_heard(beside_others=beside_others)) <= MANY // DOORS + A_FEW


@pytest.mark.parametrize(("proxies", "cut"), [((), True), (("127.0.0.1",), False)])
async def test_an_address_keeps_as_many_connections_as_are_set_unless_it_is_a_proxy(
    proxies: tuple[str, ...], cut: bool
) -> None:
    async def shop(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def is_served() -> bool:
        second, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
        told = await second.readline()
        writer.close()
        return told == b"HTTP/1.1 204 No Content\r\n"

    ready, port = asyncio.Event(), free_port("127.0.0.1", 0)
    settings = Settings(connections_each=1, trusted_proxies=proxies)
    serving = asyncio.create_task(serve(LoadShedding(shop, Room()), settings, port, ready.set, beside_others=False))
    await ready.wait()
    first, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await is_served()
    if cut:
        assert await first.read() == b""
    else:
        writer.write(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
        assert await first.readline() == b"HTTP/1.1 204 No Content\r\n"
    writer.close()
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
