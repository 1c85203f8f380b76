"""The two APIs over HTTP, with connections that are kept."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec

from web.ports import ApiUnreachable, Reply

WITHIN = httpx.Timeout(10.0, connect=2.0, pool=2.0)
KEPT = httpx.Limits(max_connections=100, max_keepalive_connections=50, keepalive_expiry=4.0)
"""Both APIs close a connection that idles for five seconds; ours are gone before."""

Json = Mapping[str, Any]

SERVICE = "Counterfoil-Service"


class HttpApi:
    """Implements web.ports.Api."""

    def __init__(self, client: httpx.AsyncClient, service_token: Callable[[], str] | None = None) -> None:
        self._client = client
        self._service_token = service_token

    async def send(
        self, method: str, path: str, body: Json | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        content = None if body is None else msgspec.json.encode(body)
        told = {**(headers or {}), **({"Content-Type": "application/json"} if content is not None else {})}
        if self._service_token is not None:
            told[SERVICE] = self._service_token()
        try:
            response = await self._client.request(method, path, content=content, headers=told)
        except httpx.TransportError as error:
            raise ApiUnreachable(f"{method} {path.partition('?')[0]}: {type(error).__name__}") from error
        return Reply(response.status_code, _document(response.content), dict(response.headers))


def _document(body: bytes) -> Json:
    try:
        document = json.loads(body) if body else {}
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


@asynccontextmanager
async def http_api(url: str, service_token: Callable[[], str] | None = None) -> AsyncIterator[HttpApi]:
    """The API at an address. `service_token` proves to it that the visitors' addresses in requests are right."""
    async with httpx.AsyncClient(base_url=url, timeout=WITHIN, limits=KEPT, trust_env=False) as client:
        yield HttpApi(client, service_token)
