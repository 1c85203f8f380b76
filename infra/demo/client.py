"""The shop as its clients see it: REST for commands, GraphQL for questions, a token for each caller."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx

from infra.security.tokens import Tokens

TOKEN_LIFETIME = timedelta(hours=12)
TIMEOUT = 30.0
POOLS, CONNECTIONS = 16, 4
TRIES, FIRST_PAUSE, LONGEST_PAUSE = 12, 0.1, 5.0
TRY_AGAIN = frozenset({429, 502, 503, 504})


class ShopRefused(Exception):
    """The shop did not do what it was asked; `code` is its own word for why, if it has one."""

    def __init__(self, detail: str, code: str | None = None) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(slots=True)
class ShopClient:
    """Used as `async with`. A request that got no answer is sent again under the same Idempotency-Key."""

    write_url: str
    read_url: str
    tokens: Tokens
    _pools: "cycle[httpx.AsyncClient]" = field(init=False)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)
    _issued: dict[tuple[str, str], str] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        # httpcore looks at every connection of a pool for every request: many small pools cost less than a large one.
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        verify = ssl.create_default_context()
        pools = [
            httpx.AsyncClient(timeout=TIMEOUT, limits=limits, verify=verify, trust_env=False) for _ in range(POOLS)
        ]
        self._pools = cycle([await self._open.enter_async_context(pool) for pool in pools])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def command(
        self,
        method: str,
        path: str,
        *,
        subject: str,
        role: str,
        key: str,
        correlation_id: UUID,
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Ask for a command to be carried out. Raises ShopRefused."""
        headers = self._bearer(subject, role) | {"Idempotency-Key": key, "Correlation-Id": str(correlation_id)}
        return await self._sent(
            lambda http: http.request(method, f"{self.write_url}{path}", json=body, headers=headers)
        )

    async def ask(self, query: str, *, subject: str, role: str, **variables: Any) -> dict[str, Any]:
        """Ask the read models. Raises ShopRefused."""
        question = {"query": query, "variables": variables}
        headers = self._bearer(subject, role)
        answer = await self._sent(lambda http: http.post(f"{self.read_url}/graphql", json=question, headers=headers))
        if errors := answer.get("errors"):
            raise ShopRefused(errors[0]["message"], errors[0].get("extensions", {}).get("code"))
        data: dict[str, Any] = answer["data"]
        return data

    async def _sent(self, send: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]) -> dict[str, Any]:
        pause = FIRST_PAUSE
        for last in (attempt == TRIES for attempt in range(1, TRIES + 1)):
            try:
                response = await send(next(self._pools))
            except httpx.TransportError as error:
                if last:
                    raise ShopRefused(f"The shop does not answer: {error!r}") from error
            else:
                if response.is_success:
                    answer: dict[str, Any] = response.json()
                    return answer
                if last or response.status_code not in TRY_AGAIN:
                    raise ShopRefused(f"{response.request.url.path}: {response.status_code} {response.text}")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        raise AssertionError("unreachable")

    def _bearer(self, subject: str, role: str) -> dict[str, str]:
        who = (subject, role)
        if who not in self._issued:
            self._issued[who] = self.tokens.issue(subject, [role], TOKEN_LIFETIME)
        return {"Authorization": f"Bearer {self._issued[who]}"}
