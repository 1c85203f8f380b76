"""Requests to Stripe: paced, through one pool of connections, and with their failures classified."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import stripe
import structlog

from domain.shared.backoff import Backoff
from infra.circuit import Circuit
from infra.payments.stripe.objects import Problem, Unexpected, read_as
from infra.payments.stripe.pace import Pace, Urgency
from process_managers.engine.ports import GatewayUnavailable

VERSION = "2026-08-26.dahlia"
TIMEOUT = 10.0
CONNECTIONS = 32
TRIES = 4
BACKOFF = Backoff(0.5, 4.0)
_ID = re.compile(r"/(pi|re|dp|du|ch|py|cus|pm)_[A-Za-z0-9_]+")

log = structlog.get_logger()


class StripeRefused(Exception):
    """Stripe has answered, and the answer to this request stays no."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(f"{status} {problem.code or problem.type}")
        self.status = status
        self.problem = problem


class KeySpent(GatewayUnavailable):
    """The key will not bring the wanted answer any more: look up whether its call was carried out."""


@dataclass(slots=True)
class StripeApi:
    """Sends one request at a time for each caller. Raises StripeRefused, KeySpent, GatewayUnavailable."""

    client: stripe.StripeClient
    pace: Pace
    circuit: Circuit = field(default_factory=lambda: Circuit("Stripe", failures=5))
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def get(self, path: str, urgency: Urgency = Urgency.SHOPPERS, /, **params: Any) -> Mapping[str, Any]:
        return await self._sent("get", path, params, urgency)

    async def post(self, path: str, key: str, urgency: Urgency, /, **params: Any) -> Mapping[str, Any]:
        """A request with effects: `key` makes its repeat harmless for at least 24 hours."""
        return await self._sent("post", path, {**params, "idempotency_key": key}, urgency)

    async def _sent(self, method: str, path: str, params: Mapping[str, Any], urgency: Urgency) -> Mapping[str, Any]:
        """Send until there is an answer to keep. What was not carried out for sure is sent again with the same key."""
        for attempt in range(1, TRIES + 1):
            if not self.circuit.lets_through():
                raise GatewayUnavailable("Stripe did not answer several times; it is asked again in a few seconds.")
            await self.pace.turn(_endpoint(method, path), urgency)
            try:
                return await self._once(method, path, params)
            except _SendAgain as again:
                log.warning("stripe asks to wait", path=path, attempt=attempt, reason=str(again))
                if attempt == TRIES:
                    raise GatewayUnavailable(f"Stripe asks to wait: {again}.") from again
            await self.sleep(BACKOFF.pause(attempt))
        raise AssertionError("unreachable")

    async def _once(self, method: str, path: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer = await self.client.raw_request_async(method, path, **params)
        except stripe.StripeError as error:
            raise self._told_apart(error) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._lost(error) from error
        self.circuit.succeeded()
        data: Mapping[str, Any] = answer.data
        return data

    def _told_apart(self, error: stripe.StripeError) -> Exception:
        status, headers = error.http_status, error.headers or {}
        should_retry = headers.get("Stripe-Should-Retry")
        if status is None or isinstance(error, stripe.APIConnectionError):
            return self._lost(error)
        if status >= 500:
            self.circuit.failed(f"{status}")
            reason = f"Stripe answered {status}; whether it acted is not known."
            stays = should_retry == "false" or "Idempotent-Replayed" in headers
            return KeySpent(reason) if stays else GatewayUnavailable(reason)
        self.circuit.succeeded()
        problem = _problem(error)
        if status == 429 or should_retry == "true":
            return _SendAgain(problem.code or str(status))
        if problem.type == "idempotency_error" and status != 409:
            return KeySpent("Stripe knows this key with other parameters.")
        if status == 409:
            return _SendAgain(problem.code or "409")
        if status in (401, 403):
            return GatewayUnavailable(f"Stripe answered {status}. Check COUNTERFOIL_STRIPE_KEY.")
        return StripeRefused(status, problem)

    def _lost(self, error: Exception) -> GatewayUnavailable:
        name = type(error.__cause__ or error).__name__
        self.circuit.failed(name)
        return GatewayUnavailable(f"No answer from Stripe ({name}); whether it acted is not known.")


class _SendAgain(Exception):
    """Not carried out, or not yet: the same key may be sent again."""


def _problem(error: stripe.StripeError) -> Problem:
    body = error.json_body
    try:
        return read_as(Problem, body.get("error", {}) if isinstance(body, dict) else {})
    except Unexpected:
        return Problem()


def _endpoint(method: str, path: str) -> str:
    """The method and the path without ids, as Stripe counts requests."""
    return f"{method} {_ID.sub('/{id}', path)}"


@asynccontextmanager
async def stripe_api(key: str, address: str | None, pace: Pace) -> AsyncIterator[StripeApi]:
    """Stripe with an API key; `address` is where it is reached, if it is not Stripe itself."""
    stripe.enable_telemetry = False
    logging.getLogger("stripe").setLevel(logging.WARNING)  # at DEBUG it logs bodies, and secrets with them
    http = stripe.AIOHTTPClient(
        timeout=aiohttp.ClientTimeout(total=TIMEOUT), connector=aiohttp.TCPConnector(limit=CONNECTIONS)
    )
    client = stripe.StripeClient(
        key,
        stripe_version=VERSION,
        max_network_retries=0,
        http_client=http,
        base_addresses={"api": address} if address else None,
    )
    try:
        yield StripeApi(client, pace)
    finally:
        await http.close_async()  # type: ignore[no-untyped-call]
