"""The server: an account, its port, and what a test may do to it."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from aiohttp import web

from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.bank import Bank
from infra.dev_servers.stripe.clock import MovableClock
from infra.dev_servers.stripe.dashboard import Dashboard
from infra.dev_servers.stripe.faults import Faults
from infra.dev_servers.stripe.http import Exchange, Front
from infra.dev_servers.stripe.keys import Keys
from infra.dev_servers.stripe.rates import Rates
from infra.dev_servers.stripe.refusals import Refused
from infra.dev_servers.stripe.webhooks import Webhooks

HOST = "127.0.0.1"
KEY = "sk_test_counterfoil"


class StripeServer:
    """Stripe on loopback, in memory, in the event loop of the test: `async with StripeServer() as stripe`."""

    def __init__(self, *, port: int = 0, key: str = KEY, clock: MovableClock | None = None) -> None:
        self.port = port
        self.key = key
        self.clock = clock or MovableClock()
        self.webhooks = Webhooks(self.clock)
        self.account = Account(self.clock, self.webhooks.hear, lambda intent: f"{self.address}/bank/{intent}")
        self.faults = Faults()
        self.rates = Rates()
        self.bank = Bank(self.account)
        self.dashboard = Dashboard(self.account)
        self._front = Front(self.account, key, Keys(self.clock), self.faults, self.rates)
        self._runner: web.AppRunner | None = None
        self._sending: asyncio.Task[None] | None = None
        self.clock.moved.append(self.account.catch_up)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def requests(self) -> list[Exchange]:
        """Every request so far, with its answer."""
        return self._front.exchanges

    async def start(self) -> None:
        """On the port it had before, if it had one."""
        app = web.Application()
        app.router.add_get("/bank/{id}", self._ask)
        app.router.add_post("/bank/{id}/{answer:approve|deny}", self._answer)
        app.router.add_route("*", "/{path:.*}", self._front.handle)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._sending = asyncio.create_task(self.webhooks.run())

    async def stop(self) -> None:
        if self._sending:
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending
        if self._runner:
            await self._runner.cleanup()

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        try:
            return web.Response(text=self.bank.page(request.match_info["id"]), content_type="text/html")
        except Refused as refused:
            return web.json_response(refused.body(), status=refused.status)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        answer = self.bank.approve if request.match_info["answer"] == "approve" else self.bank.deny
        try:
            back = answer(request.match_info["id"])
        except Refused as refused:
            return web.json_response(refused.body(), status=refused.status)
        if not back:
            return web.Response(text="Done.")
        return web.Response(status=303, headers={"Location": back})

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: "type[BaseException] | BaseException | TracebackType | None") -> None:
        await self.stop()
