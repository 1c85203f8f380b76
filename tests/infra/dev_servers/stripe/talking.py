"""How tests talk to the server."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from stripe import AIOHTTPClient, PaymentIntent, StripeClient, StripeError

from infra.dev_servers.stripe.server import StripeServer


@asynccontextmanager
async def connected(server: StripeServer, patience: float = 5) -> AsyncIterator[StripeClient]:
    """The unchanged library, which repeats nothing by itself."""
    http = AIOHTTPClient(timeout=patience)
    try:
        yield StripeClient(server.key, base_addresses={"api": server.address}, http_client=http, max_network_retries=0)
    finally:
        await http.close_async()  # type: ignore[no-untyped-call]


async def paid(
    client: StripeClient, method: str = "pm_card_visa", key: str = "", amount: int = 2000, **more: Any
) -> PaymentIntent:
    """Make and confirm an intent, as our adapter does."""
    params: Any = {
        "amount": amount,
        "currency": "eur",
        "confirm": True,
        "capture_method": "manual",
        "payment_method_types": ["card"],
        "return_url": "https://shop.example/back",
        "metadata": {"shop": "s", "payment": "p1", "attempt": "1"},
        "expand": ["latest_charge"],
        **({} if "confirmation_token" in more else {"payment_method": method}),
        **more,
    }
    return await client.v1.payment_intents.create_async(params, options(key))


def options(key: str) -> Any:
    return {"idempotency_key": key} if key else {}


def told(server: StripeServer) -> Sequence[str]:
    """The types of all events, oldest first."""
    return [event["type"] for event in reversed(server.account.all("event"))]


def error_of(refused: StripeError) -> Any:
    """The error as it came."""
    body: Any = refused.json_body
    return body["error"]
