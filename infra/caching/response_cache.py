"""Remembers what the read API answered to everybody's questions.

An answer is given again as long as it is young, and no fact about the catalogue came after the position that the read
models had when it was made. Of many who ask the same at once, one is answered and the others get a copy, in this
process and, for a moment, in all others: a page that everybody wants is made once when it is forgotten. Errors are
not shared: those who would get a copy of one ask for themselves. What was asked once only is not remembered: most pages
are wanted by one visitor in a while, and for those a cache is nothing but work.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b

from cachetools import LRUCache
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from http_edge.bodies import ReadAhead
from infra.caching.answers import Answer, Answers
from infra.caching.cacheability import LONGEST, lifetime
from infra.caching.catalogue_version import CatalogueVersion
from infra.caching.single_flight import SingleFlight

LARGEST = 256 * 1024
MOST_SEEN = 20_000
ERRORS = b'"errors":'


class ResponseCache:
    """An ASGI application around the read API. `reached` is the position of its read models."""

    def __init__(
        self,
        app: ASGIApp,
        answers: Answers,
        changes: CatalogueVersion,
        reached: Callable[[], int],
        makers: SingleFlight,
    ) -> None:
        self.app = app
        self.answers = answers
        self.changes = changes
        self.reached = reached
        self.makers = makers
        self.given_again = 0
        self._seen = LRUCache[str, None](MOST_SEEN)
        self._under_way: dict[str, asyncio.Task[Answer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _may_be_public(scope):
            await self.app(scope, receive, send)
            return
        ahead = await ReadAhead(receive).take_in(LONGEST)
        body = ahead.body if ahead.size <= LONGEST else None
        seconds = None if body is None else lifetime(body)
        if body is None or seconds is None:
            await self.app(scope, ahead.receive, send)
            return
        key = _key(scope, body)
        wanted = self._was_seen(key)
        answer = await self.answers.get(key, self.changes.last) if wanted else None
        if answer is not None:
            self.given_again += 1
        else:
            answer = await self._one_for_all(key, seconds if wanted else None, scope, ahead.receive)
        await _give(answer, send)

    def _was_seen(self, key: str) -> bool:
        seen = key in self._seen
        self._seen[key] = None
        return seen

    async def _one_for_all(self, key: str, seconds: float | None, scope: Scope, receive: Receive) -> Answer:
        if (task := self._under_way.get(key)) is None:
            making = (
                self._make(key, None, scope, receive) if seconds is None else self._shared(key, seconds, scope, receive)
            )
            task = self._under_way[key] = asyncio.create_task(making)
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
            return await asyncio.shield(task)
        with suppress(Exception):
            if _is_everybodys(answer := await asyncio.shield(task)):
                self.given_again += 1
                return answer
        return await self._make(key, None, scope, receive)

    async def _shared(self, key: str, seconds: float, scope: Scope, receive: Receive) -> Answer:
        """What another process makes just now, or else our own."""
        if not await self.makers.claim(key):
            await self.makers.wait(key)
            if (answer := await self.answers.get(key, self.changes.last)) is not None:
                self.given_again += 1
                return answer
            return await self._make(key, seconds, scope, receive)
        try:
            return await self._make(key, seconds, scope, receive)
        finally:
            await self.makers.done(key)

    async def _make(self, key: str, seconds: float | None, scope: Scope, receive: Receive) -> Answer:
        position = self.reached()
        status, headers, body = 500, list[tuple[bytes, bytes]](), bytearray()

        async def keep(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message.get("headers", ()))
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))

        await self.app(scope, receive, keep)
        answer = Answer(position, status, headers, bytes(body))
        if seconds is not None and status == 200 and len(body) <= LARGEST and _is_everybodys(answer):
            await self.answers.put(key, answer, seconds)
        return answer


def _is_everybodys(answer: Answer) -> bool:
    """Errors may depend on the caller or on the moment; only a bad request is an error for every caller."""
    return answer.status == 400 or (answer.status == 200 and ERRORS not in answer.body)


def _may_be_public(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != "/graphql":
        return False
    headers = Headers(scope=scope)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return "authorization" not in headers and kind == "application/json"


def _key(scope: Scope, body: bytes) -> str:
    """How an answer is packed is part of it."""
    encoding = Headers(scope=scope).get("accept-encoding", "").encode()
    return blake2b(len(encoding).to_bytes(4) + encoding + body, digest_size=20).hexdigest()


async def _give(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})
