"""Whose requests are counted together: names that cost nothing give nobody a larger share."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from infra.http.callers import TrustedProxies
from infra.http.rate_limiting import Limiting
from infra.http.rate_limits import LocalLimiter, Rate
from infra.security.tokens import Tokens
from tests.hostile.parts import TOKENS

PROXY = "203.0.113.7"


async def shop(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        while (await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": "pong"})
        return
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def limited(each: int, of_an_address: int) -> Limiting:
    """Nothing is given back in time: the clock stands."""
    subjects, addresses = (
        LocalLimiter(Rate(per_second=1.0, burst=burst), clock=lambda: 0.0) for burst in (each, of_an_address)
    )
    subject_of = Tokens(TOKENS.secret).verify
    return Limiting(
        shop, subjects, addresses, lambda token: subject_of(token).subject, TrustedProxies.at([PROXY]).caller
    )


def token(subject: str) -> str:
    return TOKENS.issue(subject, ["shopper"], timedelta(hours=1))


async def asked(app: Limiting, subject: str | None = None, address: str = "192.0.2.1", behind: str = "") -> int:
    headers = {} if subject is None else {"Authorization": f"Bearer {token(subject)}"}
    if behind:
        headers["X-Forwarded-For"] = behind
    transport = httpx.ASGITransport(app, client=(address, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers) as client:
        return (await client.post("/carts")).status_code


async def test_ten_guests_of_one_address_ask_no_more_often_than_one() -> None:
    app = limited(each=3, of_an_address=3)
    assert [await asked(app, f"guest-{number}") for number in range(10)] == [204] * 3 + [429] * 7
    assert await asked(app) == 429
    assert await asked(app, "guest-0", address="192.0.2.2") == 204


async def test_whom_the_shop_knows_counts_alone_whatever_others_of_the_address_do() -> None:
    app = limited(each=2, of_an_address=1)
    assert [await asked(app), await asked(app)] == [204, 429]
    assert [await asked(app, "anna") for _ in range(3)] == [204, 204, 429]
    assert await asked(app, "ben") == 204
    assert await asked(app, "anna", address="192.0.2.2") == 429


async def test_one_guest_does_not_use_up_what_all_of_the_address_have() -> None:
    app = limited(each=2, of_an_address=4)
    assert [await asked(app, "guest-1") for _ in range(4)] == [204, 204, 429, 429]
    assert [await asked(app, "guest-2") for _ in range(3)] == [204, 204, 429]


async def test_visitors_behind_a_trusted_proxy_are_told_apart_and_others_cannot_pretend_to_be() -> None:
    app = limited(each=1, of_an_address=1)
    behind = [await asked(app, address=PROXY, behind=visitor) for visitor in ("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    assert behind == [204, 429, 204]
    made_up = [await asked(app, address=PROXY, behind=f"198.51.100.{number}, 192.0.2.3") for number in range(3)]
    assert made_up == [204, 429, 429]
    alone = [await asked(app, address="192.0.2.9", behind=f"198.51.100.{number}") for number in range(3)]
    assert alone == [204, 429, 429]


@pytest.mark.parametrize("network", ["2001:db8:1:2", "2001:db8:1:3"])
async def test_an_ipv6_site_counts_as_one(network: str) -> None:
    app = limited(each=1, of_an_address=2)
    sites = [f"{network}::{number}" for number in (1, 2)] + ["2001:db8:1:2:ffff::1"]
    assert [await asked(app, address=site) for site in sites] == [204, 204, 429 if network.endswith("2") else 204]


async def test_what_is_said_over_a_socket_counts_for_its_address() -> None:
    app, told = limited(each=1, of_an_address=3), list[Message]()
    said = asyncio.Queue[Message]()
    for _ in range(5):
        said.put_nowait({"type": "websocket.receive", "text": "{}"})

    async def send(message: Message) -> None:
        told.append(message)

    scope = {"type": "websocket", "path": "/graphql", "client": ("192.0.2.1", 1), "headers": []}
    await app(scope, said.get, send)
    pong = {"type": "websocket.send", "text": "pong"}
    assert told == [pong] * 3 + [{"type": "websocket.close", "code": 1008, "reason": "You ask too often."}]
    assert await asked(app) == 429
