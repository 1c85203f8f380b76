"""Stripe's HTTP: authentication, limits, keys, errors and headers round what the routes do."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from infra.dev_servers.stripe.account import VERSION, Account, new_id
from infra.dev_servers.stripe.faults import Fault, Faults, Kind
from infra.dev_servers.stripe.forms import Json, decode
from infra.dev_servers.stripe.keys import Keys, in_use
from infra.dev_servers.stripe.rates import Rates
from infra.dev_servers.stripe.refusals import Refused, rate_limited, server_error, unauthorised
from infra.dev_servers.stripe.routes import Route, route_of


@dataclass(slots=True, eq=False)
class Exchange:
    """One request, and what was answered."""

    method: str
    path: str
    query: str
    body: str
    key: str | None
    id: str
    route: str = ""
    status: int = 0
    answer: Json = field(default_factory=dict)
    replayed: bool = False

    @property
    def form(self) -> Json:
        return decode(parse_qsl(self.body or self.query, keep_blank_values=True))


class Cut(Exception):
    """The connection breaks now."""


@dataclass(slots=True, eq=False)
class Front:
    """Answers requests one at a time; only a stall lets others in between."""

    account: Account
    key: str
    keys: Keys
    faults: Faults
    rates: Rates
    exchanges: list[Exchange] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        exchange = Exchange(
            method=request.method,
            path=request.path,
            query=request.query_string,
            body=(await request.read()).decode(),
            key=request.headers.get("Idempotency-Key"),
            id=new_id("req"),
        )
        self.exchanges.append(exchange)
        headers = {"Request-Id": exchange.id, "Stripe-Version": VERSION}
        if exchange.key:
            headers["Idempotency-Key"] = exchange.key
        try:
            self._authenticate(request)
            exchange.status, exchange.answer = await self._answer(exchange, headers)
        except Refused as refused:
            headers |= refused.headers
            exchange.status, exchange.answer = refused.status, refused.body()
        except Cut:
            if request.transport is not None:
                request.transport.abort()
        return web.Response(
            status=exchange.status or 500,
            body=json.dumps(exchange.answer, indent=2).encode(),
            content_type="application/json",
            headers=headers,
        )

    def _authenticate(self, request: web.Request) -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not given:
            raise unauthorised("You did not provide an API key.")
        if given != self.key:
            raise unauthorised(f"Invalid API Key provided: {given[:8]}***")
        version = request.headers.get("Stripe-Version", VERSION)
        if version != VERSION:
            raise Refused(status=400, message=f"Invalid Stripe API version: {version}; this server speaks {VERSION}.")

    async def _answer(self, exchange: Exchange, headers: dict[str, str]) -> tuple[int, Json]:
        found = route_of(exchange.method, exchange.path)
        if found is None:
            message = f"Unrecognized request URL ({exchange.method}: {exchange.path})."
            raise Refused(status=404, message=message)
        route, ids = found
        exchange.route = route.name
        self.rates.admit(route.name)
        fault = self.faults.next_for(route.name)
        _refuse(fault, exchange.key or "")
        if exchange.method != "POST" or exchange.key is None:
            return await self._carry_out(route, ids, exchange, fault)
        with self.keys.held(exchange.key):
            request = exchange.method, exchange.path, exchange.body
            if kept := self.keys.answer(exchange.key, request):
                headers |= {"Idempotent-Replayed": "true", "Original-Request": kept.request_id}
                exchange.replayed = True
                return kept.status, kept.body
            return await self._carry_out(route, ids, exchange, fault)

    async def _carry_out(
        self, route: Route, ids: Sequence[str], exchange: Exchange, fault: Fault | None
    ) -> tuple[int, Json]:
        kind, seconds = (fault.kind, fault.seconds) if fault else (None, 0.0)
        if kind is Kind.STALL_BEFORE:
            await asyncio.sleep(seconds)
        self.account.catch_up()
        self.account.request = {"id": exchange.id, "idempotency_key": exchange.key}
        kept = True
        try:
            status, answer = 200, route.answer(self.account, exchange.form, exchange.path, ids)
        except Refused as refused:
            status, answer, kept = refused.status, refused.body(), refused.kept
        if kind is Kind.ERROR_KEPT:
            error = server_error(kept=True)
            status, answer = error.status, error.body()
        if kept and exchange.method == "POST" and exchange.key:
            request = exchange.method, exchange.path, exchange.body
            self.keys.keep(exchange.key, request, status, answer, exchange.id)
        if kind is Kind.STALL_AFTER:
            await asyncio.sleep(seconds)
        if kind is Kind.CUT_AFTER:
            raise Cut
        if kind is Kind.ERROR_AFTER:
            raise server_error(kept=False)
        return status, answer


def _refuse(fault: Fault | None, key: str) -> None:
    """What goes wrong before anything is done."""
    match fault.kind if fault else None:
        case Kind.CUT_BEFORE:
            raise Cut
        case Kind.ERROR_BEFORE:
            raise server_error(kept=False)
        case Kind.RATE_LIMITED:
            raise rate_limited("global-rate")
        case Kind.LOCK_TIMEOUT:
            raise rate_limited("object-lock", "lock_timeout")
        case Kind.KEY_IN_USE:
            raise in_use(key)
