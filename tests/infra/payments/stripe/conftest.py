"""A gateway at a Stripe in this process, whose clock tests move."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from commands.handler import CommandHandler
from commands.routes import ROUTES
from domain.payment.commands import RequestPayment
from domain.payment.decider import Payment, payment_decider
from domain.payment.events import PaymentRequested
from domain.shared.ids import OrderId, PaymentId
from domain.shared.recorded import Metadata
from infra.clock.identity import uuid7
from infra.dev_servers.stripe.server import StripeServer
from infra.payments.signatures import WebhookRefused
from infra.payments.stripe.api import StripeApi, stripe_api
from infra.payments.stripe.applying import Applying
from infra.payments.stripe.gateway import StripeGateway
from infra.payments.stripe.inbox import StripeInbox
from infra.payments.stripe.pace import Pace
from infra.payments.stripe.polling import Polling
from infra.payments.stripe.ports import Asked, Request
from infra.payments.stripe.present import Present
from infra.payments.stripe.webhook import Webhooks
from infra.postgres.sessions import Sessions
from infra.serialization.codec import JsonCodec
from infra.serialization.upcasters import UPCASTERS
from tests.support.builders.payments import ANNA
from tests.support.fixtures.memory import MemorySnapshots, MemoryStore

SECRET = "whsec_test"


@dataclass(slots=True)
class Requested:
    """Implements infra.payments.stripe.ports.Requests: everything was requested at one time, and is waited for."""

    at: datetime
    wanted: bool = True
    seen: list[Asked] = field(default_factory=list)

    async def of(self, asked: Asked) -> Request:
        self.seen.append(asked)
        return Request(self.at, self.wanted)


async def at_once(_: float) -> None:
    """Implements the pauses between tries."""


def confirm_at(order: OrderId) -> str:
    return f"https://shop.test/checkout/{order}/confirm"


def back_at(order: OrderId) -> str:
    return f"https://shop.test/checkout/{order}/confirmed"


@pytest.fixture
def stripe(stripe_server: StripeServer) -> StripeServer:
    """Judged at the end of each test: by stripe-mock what we asked, by Stripe's document what we were answered."""
    return stripe_server


@pytest.fixture
async def api(stripe: StripeServer) -> AsyncIterator[StripeApi]:
    async with stripe_api(stripe.key, stripe.address, Pace()) as api:
        api.sleep = at_once
        yield api


@pytest.fixture
def requested(stripe: StripeServer) -> Requested:
    return Requested(stripe.clock())


@pytest.fixture
def gateway(api: StripeApi, requested: Requested, stripe: StripeServer) -> StripeGateway:
    return StripeGateway(api, requested, stripe.clock, "shop", confirm_at, back_at)


@dataclass(slots=True)
class Shop:
    """The part of a shop that follows Stripe: the endpoint, the inbox and what applies it."""

    store: MemoryStore
    codec: JsonCodec
    handler: CommandHandler
    inbox: StripeInbox
    webhooks: Webhooks
    applying: Applying
    polling: Polling
    verdicts: list[str]

    async def request(self, asked: PaymentRequested) -> None:
        """The payment is requested, as the checkout does before any call to Stripe."""
        command = RequestPayment(
            payment_id=asked.payment_id,
            order_id=asked.order_id,
            customer_id=asked.customer_id,
            amount=asked.amount,
            method=asked.method,
        )
        await self.handler(command, by_nobody())

    async def payment(self, payment_id: PaymentId = ANNA) -> Payment:
        """The payment as its stream has it."""
        records = await self.store.read(f"payment-{payment_id}")
        return payment_decider.replay(self.codec.decode_event(record).fact for record in records)

    async def facts(self, payment_id: PaymentId = ANNA) -> list[str]:
        """Stored names of what happened to the payment."""
        return [record.type for record in await self.store.read(f"payment-{payment_id}")]

    async def hear(self, body: bytes, signature: str) -> int:
        """Where the server sends its webhooks."""
        try:
            await self.webhooks.take(body, signature)
        except WebhookRefused:
            return 400
        return 200


def by_nobody() -> Metadata:
    command_id = uuid7()
    return Metadata(command_id=command_id, correlation_id=command_id, causation_id=command_id, actor="test")


@pytest.fixture
async def shop(api: StripeApi, stripe: StripeServer, database_url: str) -> AsyncIterator[Shop]:
    sessions = Sessions(database_url, "test", 2)
    inbox, store, codec = StripeInbox(sessions), MemoryStore(), JsonCodec(UPCASTERS)
    await inbox.prepare()
    handler = CommandHandler(store, codec, MemorySnapshots(), ROUTES)
    verdicts = list[str]()
    shop = Shop(
        store,
        codec,
        handler,
        inbox,
        Webhooks(inbox, [SECRET.encode()], "shop", live=False, clock=stripe.clock, count=verdicts.append),
        Applying(inbox, Present(api, "shop", confirm_at), handler, codec, stripe.clock),
        Polling(api, inbox, stripe.clock, "shop", live=False),
        verdicts,
    )
    stripe.webhooks.to(shop.hear, SECRET)
    yield shop
    await sessions.close()
