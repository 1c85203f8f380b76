"""The header Server-Timing: how long a page waited for the read API, and for commands (W3C, "Server Timing").

Pages of accounts and of the back office do not tell it: there a time could say whether an account exists.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.ports import Api, Reply

READ, COMMAND = "read", "command"
UNTIMED = {"account", "desk"}
"""Parts of paths."""

_waited: ContextVar[dict[str, float] | None] = ContextVar("waited", default=None)


@dataclass(frozen=True, slots=True)
class TimedApi:
    """An API whose time counts for the request under way: as that of a command, unless it only reads."""

    api: Api
    reads: bool = False

    async def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Raises ApiUnreachable."""
        began = perf_counter()
        try:
            return await self.api.send(method, path, body, headers)
        finally:
            if (waited := _waited.get()) is not None:
                kind = READ if self.reads or method == "GET" else COMMAND
                waited[kind] = waited.get(kind, 0.0) + perf_counter() - began


class ServerTiming:
    """An ASGI middleware that adds the header to the responses of the storefront."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not UNTIMED.isdisjoint(scope["path"].split("/")):
            await self.app(scope, receive, send)
            return
        waited = dict[str, float]()

        async def with_times(message: Message) -> None:
            if message["type"] == "http.response.start" and waited:
                told = ", ".join(f"{kind};dur={seconds * 1000:.1f}" for kind, seconds in waited.items())
                MutableHeaders(scope=message)["Server-Timing"] = told
            await send(message)

        token = _waited.set(waited)
        try:
            await self.app(scope, receive, with_times)
        finally:
            _waited.reset(token)
