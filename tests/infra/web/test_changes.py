"""One subscription for all pages of a process, at a read API that comes and goes."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from infra.web.changes import MOST, News, changes_at
from web.ports import TooManyWatched

WITHIN = 20.0


@dataclass
class ReadApi:
    """Speaks graphql-transport-ws as far as it is needed; what it hears is in `heard`."""

    heard: "asyncio.Queue[dict[str, Any]]" = field(default_factory=asyncio.Queue)
    sockets: list[ServerConnection] = field(default_factory=list)

    async def answer(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "connection_init":
                await socket.send('{"type": "connection_ack"}')
            self.heard.put_nowait(message)

    async def next(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(WITHIN):
            while (message := await self.heard.get())["type"] != kind:
                pass
            return message

    async def tell(self, number: str, *ids: str) -> None:
        changed = [{"id": it} for it in ids]
        message = {"type": "next", "id": number, "payload": {"data": {"changed": changed}}}
        await self.sockets[-1].send(json.dumps(message))


@asynccontextmanager
async def opened(api: ReadApi, port: int = 0) -> AsyncIterator[int]:
    async with serve(api.answer, "127.0.0.1", port, subprotocols=["graphql-transport-ws"]) as server:  # type: ignore[list-item]
        yield server.sockets[0].getsockname()[1]


async def changed(news: News) -> Collection[str]:
    return await news.next(WITHIN)


async def test_pages_share_one_subscription_and_hear_of_what_they_show() -> None:
    api = ReadApi()
    async with opened(api) as port, changes_at(f"http://127.0.0.1:{port}", lambda: "token") as changes:
        async with changes.watching({"a", "b"}) as first:
            assert (await api.next("connection_init"))["payload"] == {"Authorization": "Bearer token"}
            assert (await api.next("subscribe"))["payload"]["variables"] == {"ids": ["a", "b"]}
            async with changes.watching({"b", "c"}) as second:
                both = await api.next("subscribe")
                assert (both["id"], both["payload"]["variables"]) == ("2", {"ids": ["a", "b", "c"]})
                assert (await api.next("complete"))["id"] == "1"
                await api.tell("2", "a", "b")
                assert (await changed(first), await changed(second)) == ({"a", "b"}, {"b"})
            assert (await api.next("subscribe"))["payload"]["variables"] == {"ids": ["a", "b"]}
        async with asyncio.timeout(WITHIN):
            await api.sockets[0].wait_closed()
        assert len(api.sockets) == 1


async def test_after_a_lost_connection_pages_look_again_and_go_on_hearing() -> None:
    api = ReadApi()
    async with (
        opened(api) as port,
        changes_at(f"http://127.0.0.1:{port}", lambda: "token") as changes,
        changes.watching({"a"}) as news,
    ):
        await api.next("subscribe")
        await api.sockets[0].close()
        assert await changed(news) == {"a"}
        await api.next("subscribe")
        await api.tell("1", "a")
        assert await changed(news) == {"a"}


async def test_a_read_api_that_comes_later_is_found() -> None:
    api = ReadApi()
    async with opened(api) as port:
        pass
    async with changes_at(f"http://127.0.0.1:{port}", lambda: "token") as changes, changes.watching({"a"}) as news:
        assert await changed(news) == {"a"}
        async with opened(api, port):
            await api.next("subscribe")
            await api.tell("1", "a")
            assert await changed(news) == {"a"}


async def test_no_more_is_watched_than_a_subscription_takes() -> None:
    async with (
        changes_at("http://127.0.0.1:1", lambda: "token") as changes,
        changes.watching({str(n) for n in range(MOST)}),
    ):
        with pytest.raises(TooManyWatched):
            async with changes.watching({"one more"}):
                raise AssertionError
        async with changes.watching({"0"}) as news:
            assert await news.next(0.001) == set()


async def test_without_news_nothing_is_told() -> None:
    assert await News().next(0.001) == set()
