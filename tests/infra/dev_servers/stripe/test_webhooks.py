"""Webhooks: signed, late, repeated, shuffled, lost and sent again."""

import json
import random
from datetime import timedelta

import pytest
from stripe import SignatureVerificationError, StripeClient, Webhook

from infra.dev_servers.stripe.server import StripeServer
from tests.infra.dev_servers.stripe.talking import paid, told


class Shop:
    """Takes webhooks, or refuses as many as it is told to."""

    def __init__(self, refuses: int = 0) -> None:
        self.bodies = list[tuple[bytes, str]]()
        self.refuses = refuses

    async def __call__(self, body: bytes, signature: str) -> int:
        if self.refuses:
            self.refuses -= 1
            return 503
        self.bodies.append((body, signature))
        return 200

    @property
    def told(self) -> list[str]:
        return [json.loads(body)["type"] for body, _ in self.bodies]


async def test_the_library_takes_the_signature_of_each_secret(server: StripeServer, client: StripeClient) -> None:
    shop = Shop()
    server.webhooks.to(shop, "old", "new")
    await paid(client)
    await server.webhooks.deliver()
    body, signature = shop.bodies[0]
    for secret in ("old", "new"):
        event = Webhook.construct_event(body, signature, secret)
        assert event.data.object["status"] == "requires_payment_method"
    with pytest.raises(SignatureVerificationError):
        Webhook.construct_event(body, signature, "other")


async def test_events_are_late_repeated_and_shuffled(server: StripeServer, client: StripeClient) -> None:
    shop = Shop()
    server.webhooks.to(shop, "s")
    server.webhooks.delay, server.webhooks.repeats = timedelta(hours=1), 2
    server.webhooks.shuffled = random.Random(1)
    await paid(client)
    await server.webhooks.deliver()
    assert shop.bodies == []
    server.clock.move(hours=1)
    await server.webhooks.deliver()
    assert sorted(shop.told) == sorted([*told(server)] * 2)
    assert shop.told != [*told(server)] * 2


async def test_a_refused_event_comes_again_with_a_fresh_stamp(server: StripeServer, client: StripeClient) -> None:
    shop = Shop(refuses=3)
    server.webhooks.to(shop, "s")
    await paid(client)
    await server.webhooks.deliver()
    assert shop.bodies == []
    server.clock.move(minutes=10)
    await server.webhooks.deliver()
    assert sorted(shop.told) == sorted(told(server))
    stamps = {int(signature.split(",")[0][2:]) for _, signature in shop.bodies}
    assert min(stamps) >= int(server.clock().timestamp()) - 5


async def test_a_lost_event_is_listed_for_thirty_days(server: StripeServer, client: StripeClient) -> None:
    shop = Shop()
    server.webhooks.to(shop, "s")
    server.webhooks.lost = True
    await paid(client)
    assert await server.webhooks.deliver() == 0
    listed = await client.v1.events.list_async({"limit": 2})
    more = await client.v1.events.list_async({"limit": 2, "starting_after": listed.data[-1].id})
    assert (listed.has_more, more.has_more) == (True, False)
    assert [event.type for event in [*listed.data, *more.data]] == list(reversed(told(server)))
    server.clock.move(days=31)
    kept = await client.v1.events.list_async({"created": {"gte": 0}})
    assert [event.type for event in kept.data] == ["payment_intent.canceled", "charge.expired"]
