"""The gateways under test, with what a test needs to know and do beside their port."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from infra.dev_servers.stripe.server import StripeServer
from infra.payments.book import Book, MemoryBook
from infra.payments.gateway import TestGateway
from infra.payments.stripe.api import StripeApi, stripe_api
from infra.payments.stripe.gateway import StripeGateway
from infra.payments.stripe.objects import Intent, Listed, Refund, read_as
from infra.payments.stripe.pace import Pace
from process_managers.engine.ports import Gateway
from tests.infra.payments.conftest import Watch
from tests.infra.payments.stripe.conftest import Requested, at_once, back_at, confirm_at


class Money(NamedTuple):
    """Cents of one attempt: held, taken, given back."""

    held: int = 0
    taken: int = 0
    back: int = 0


class Cards(NamedTuple):
    """Payment methods that do what their name says."""

    good: str
    declined: str
    poor: str
    asks: str
    unknown: str = "pm_nobody_has_it"


@dataclass(frozen=True, slots=True)
class Subject:
    """A gateway. What only some can do is None for the others: real time does not move, and no test is at a bank."""

    gateway: Gateway
    cards: Cards
    money: Callable[[str], Awaitable[Money]]
    clock: Callable[[], datetime]
    forward: Callable[[timedelta], None] | None = None
    answer: Callable[[str, bool], Awaitable[object]] | None = None
    intents: Callable[[], Awaitable[int]] | None = None
    """How many attempts the gateway knows."""
    run: str = ""

    def key(self, name: str) -> str:
        """A key that no other run has used."""
        return f"{self.run}{name}"


TEST_CARDS = Cards("pm_card_ok", "pm_card_declined", "pm_card_insufficient_funds", "pm_card_3ds")
STRIPE_CARDS = Cards(
    "pm_card_visa",
    "pm_card_chargeDeclined",
    "pm_card_chargeDeclinedInsufficientFunds",
    "pm_card_threeDSecure2Required",
)


def embedded(book: Book | None = None) -> Subject:
    """The test gateway."""
    watch = Watch()
    gateway = TestGateway(book or MemoryBook(), watch, "https://bank.test/")

    async def money(ref: str) -> Money:
        intent = await gateway.intent(ref)
        return Money(intent.held_at(watch()), intent.captured, intent.refunded)

    async def answer(ref: str, approve: bool) -> object:
        return await gateway.confirm(ref, approve=approve)

    async def intents() -> int:
        return sum(len(account.intents) for account in await gateway.book.accounts())

    return Subject(gateway, TEST_CARDS, money, watch, watch.forward, answer, intents)


@asynccontextmanager
async def at_our_stripe(server: StripeServer) -> AsyncIterator[Subject]:
    """Stripe's adapter at our stateful server."""

    async def answer(ref: str, approve: bool) -> object:
        return server.bank.approve(ref) if approve else server.bank.deny(ref)

    async with stripe_api(server.key, server.address, Pace()) as api:
        api.sleep = at_once
        gateway = StripeGateway(api, Requested(server.clock()), server.clock, "shop", confirm_at, back_at)

        def forward(by: timedelta) -> None:
            server.clock.move(seconds=by.total_seconds())

        async def intents() -> int:
            return len(server.account.all("payment_intent"))

        yield Subject(gateway, STRIPE_CARDS, _asked(api), server.clock, forward, answer, intents)


@asynccontextmanager
async def at_the_real_stripe(key: str) -> AsyncIterator[Subject]:
    """Stripe's adapter at Stripe, in test mode."""
    assert key.startswith(("sk_test_", "rk_test_")), "Only a key for tests: the contract takes money."

    def now() -> datetime:
        return datetime.now(UTC)

    async with stripe_api(key, None, Pace(20, 10)) as api:
        gateway = StripeGateway(api, Requested(now()), now, f"contract-{uuid4()}", confirm_at, back_at)
        yield Subject(gateway, STRIPE_CARDS, _asked(api), now, run=f"{uuid4()}-")


def _asked(api: StripeApi) -> Callable[[str], Awaitable[Money]]:
    async def money(ref: str) -> Money:
        intent = read_as(Intent, await api.get(f"/v1/payment_intents/{ref}"))
        listed = read_as(Listed, await api.get("/v1/refunds", payment_intent=ref))
        refunds = [read_as(Refund, one) for one in listed.data]
        returned = sum(one.amount for one in refunds if one.status in ("succeeded", "pending"))
        return Money(intent.amount_capturable, intent.amount_received, returned)

    return money
