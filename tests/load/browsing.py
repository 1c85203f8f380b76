"""Visitors of the pages: cookies and forms as browsers send them, without scripts, pictures and styles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from time import perf_counter
from urllib.parse import urlencode

import httpx

from tests.load.http import VisitFailed

TIME = re.compile(r"(read|command);dur=([0-9.]+)")
PRODUCT = re.compile(r'href="(/p/[^"]+)"')
INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CONNECTIONS = httpx.Limits(max_connections=500, max_keepalive_connections=50, keepalive_expiry=4.0)
"""Visitors who read a page for ten seconds come back on a new connection, as the server closes idle ones."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A response, and milliseconds: of all of it, and of what the server waited for."""

    status: int
    text: str
    location: str
    ms: float
    waited_ms: Mapping[str, float]

    def hidden(self) -> dict[str, str]:
        """Hidden fields of the forms on the page, of which the last one counts."""
        return {unescape(name): unescape(value) for name, value in INPUT.findall(self.text)}

    def products(self) -> list[str]:
        """Links to products."""
        return [unescape(link) for link in PRODUCT.findall(self.text)]


@dataclass(slots=True)
class Browser:
    """One visitor's cookies and address. The transport is shared by all."""

    transport: httpx.AsyncBaseTransport
    origin: str
    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str) -> Shown:
        """Raises VisitFailed, httpx.TransportError."""
        return await self._send(httpx.Request("GET", self.origin + path, headers=self._headers()), (200, 303))

    async def post(self, path: str, fields: Mapping[str, str]) -> Shown:
        """Send a form, which has to be accepted. Raises VisitFailed, httpx.TransportError."""
        content = urlencode(fields).encode()
        request = httpx.Request("POST", self.origin + path, headers=self._headers() | FORM, content=content)
        return await self._send(request, (303,))

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        told = {"X-Forwarded-For": self.address, "Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}
        return told | ({"Cookie": cookies} if cookies else {})

    async def _send(self, request: httpx.Request, expected: tuple[int, ...]) -> Shown:
        began = perf_counter()
        response = await self.transport.handle_async_request(request)
        await response.aread()
        ms = (perf_counter() - began) * 1000
        if response.status_code not in expected:
            raise VisitFailed(f"{response.status_code} from {request.url.path.split('/')[1] or 'home'}")
        for cookie in response.headers.get_list("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        waited = {kind: float(spent) for kind, spent in TIME.findall(response.headers.get("server-timing", ""))}
        return Shown(response.status_code, response.text, response.headers.get("location", ""), ms, waited)
