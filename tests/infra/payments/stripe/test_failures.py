"""However calls to Stripe fail, and whenever we die, there is one hold, one capture and one refund."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from domain.payment.commands import RecordAuthorisation, RecordCapture, RecordFailure, RecordRefund, RecordVoid
from infra.circuit import Circuit
from infra.dev_servers.stripe.faults import Fault, Kind
from infra.dev_servers.stripe.server import StripeServer
from infra.payments.stripe.api import KeySpent
from infra.payments.stripe.gateway import StripeGateway
from infra.payments.stripe.pace import Urgency
from process_managers.engine.ports import GatewayUnavailable
from tests.infra.payments.stripe.conftest import Requested
from tests.support.builders.payments import capture, payment, refund, void

ROUTES = ["payment_intents.create", "payment_intents.capture", "refunds.create"]


Call = Callable[[], Awaitable[object]]


async def sale(call: Callable[[Call], Awaitable[object]], gateway: StripeGateway) -> str:
    """A hold, its capture and a refund, each sent with its key until there is an answer."""
    held = await call(lambda: gateway.authorise(payment("pm_card_visa"), "a"))
    assert isinstance(held, RecordAuthorisation)
    taken = await call(lambda: gateway.capture(capture(held.gateway_ref), "b"))
    assert isinstance(taken, RecordCapture)
    back = await call(lambda: gateway.refund(refund(held.gateway_ref, "r1", 400), "c"))
    assert isinstance(back, RecordRefund)
    return held.gateway_ref


async def until_answered(call: Call) -> object:
    """As the runner of processes does: after a fault, and after a crash, again with the same key."""
    for _ in range(5):
        try:
            return await call()
        except GatewayUnavailable:
            continue
    raise AssertionError("There was no answer.")


def only_money(stripe: StripeServer) -> tuple[int, int, int]:
    """What is held, taken and given back of all intents together."""
    each = [stripe.dashboard.money(intent["id"]) for intent in stripe.account.all("payment_intent")]
    return sum(it[0] for it in each), sum(it[1] for it in each), sum(it[2] for it in each)


@pytest.mark.parametrize("kind", [Kind.CUT_BEFORE, Kind.CUT_AFTER, Kind.ERROR_BEFORE, Kind.ERROR_AFTER])
@pytest.mark.parametrize("route", ROUTES)
async def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    gateway: StripeGateway, stripe: StripeServer, kind: Kind, route: str
) -> None:
    stripe.faults.order(Fault(kind, route), 2)
    await sale(until_answered, gateway)
    assert only_money(stripe) == (0, 1000, 400)


@pytest.mark.parametrize("kind", [Kind.STALL_BEFORE, Kind.STALL_AFTER])
@pytest.mark.parametrize("route", ROUTES)
async def test_who_dies_in_a_call_makes_it_again_and_nothing_happens_twice(
    gateway: StripeGateway, stripe: StripeServer, kind: Kind, route: str
) -> None:
    stripe.faults.order(Fault(kind, route, seconds=0.1))

    async def killed_once(call: Call) -> object:
        seen = len(stripe.requests)
        dying = asyncio.ensure_future(call())
        while not dying.done() and (len(stripe.requests) == seen or stripe.requests[-1].route != route):  # noqa: ASYNC110 - a request sets no event
            await asyncio.sleep(0)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        await asyncio.sleep(0.2)
        return await until_answered(call)

    await sale(killed_once, gateway)
    assert only_money(stripe) == (0, 1000, 400)


@pytest.mark.parametrize("kind", [Kind.RATE_LIMITED, Kind.LOCK_TIMEOUT, Kind.KEY_IN_USE])
@pytest.mark.parametrize("route", ROUTES)
async def test_stripe_is_waited_for_when_it_asks_for_that(
    gateway: StripeGateway, stripe: StripeServer, kind: Kind, route: str
) -> None:
    stripe.faults.order(Fault(kind, route), 3)
    await sale(lambda call: call(), gateway)
    assert only_money(stripe) == (0, 1000, 400)


@pytest.mark.parametrize("route", ROUTES)
async def test_an_error_that_stripe_keeps_under_the_key_is_looked_up(
    gateway: StripeGateway, stripe: StripeServer, route: str
) -> None:
    stripe.faults.order(Fault(Kind.ERROR_KEPT, route))
    await sale(until_answered, gateway)
    assert only_money(stripe) == (0, 1000, 400)


async def test_calls_that_were_made_before_keys_were_forgotten_are_found(
    gateway: StripeGateway, stripe: StripeServer
) -> None:
    ref = await sale(lambda call: call(), gateway)
    stripe.clock.move(hours=25)
    assert await sale(lambda call: call(), gateway) == ref
    assert only_money(stripe) == (0, 1000, 400)


async def test_a_call_that_was_never_made_is_made_however_old_it_is(
    gateway: StripeGateway, stripe: StripeServer
) -> None:
    stripe.clock.move(hours=25)
    await sale(lambda call: call(), gateway)
    assert only_money(stripe) == (0, 1000, 400)


async def test_no_hold_is_made_for_a_checkout_that_is_over(
    gateway: StripeGateway, stripe: StripeServer, requested: Requested
) -> None:
    requested.wanted = False
    answer = await gateway.authorise(payment("pm_card_visa"), "a")
    assert isinstance(answer, RecordFailure)
    assert answer.reason == "checkout_is_over"
    assert list(stripe.account.all("payment_intent")) == []


@pytest.mark.parametrize("minutes", [0, 30])
async def test_a_hold_of_which_nobody_heard_is_found_when_the_checkout_is_over(
    gateway: StripeGateway, stripe: StripeServer, requested: Requested, minutes: int
) -> None:
    stripe.faults.cut_after("payment_intents.create")
    with pytest.raises(GatewayUnavailable):
        await gateway.authorise(payment("pm_card_visa"), "a")
    requested.wanted = False
    stripe.clock.move(minutes=minutes)
    found = await gateway.authorise(payment("pm_card_visa"), "a")
    assert isinstance(found, RecordAuthorisation)
    assert isinstance(await gateway.void(void(found.gateway_ref), "b"), RecordVoid)
    assert only_money(stripe) == (0, 0, 0)


async def test_another_request_under_a_used_key_is_no_answer(gateway: StripeGateway) -> None:
    await gateway.api.post("/v1/customers", "a", Urgency.LATER, description="one")
    with pytest.raises(KeySpent, match="other parameters"):
        await gateway.api.post("/v1/customers", "a", Urgency.LATER, description="other")


async def test_stripe_is_left_alone_after_failures_in_a_row(gateway: StripeGateway, stripe: StripeServer) -> None:
    gateway.api.circuit = Circuit("Stripe", failures=2)
    stripe.faults.cut_before(times=2)
    for _ in range(4):
        with pytest.raises(GatewayUnavailable):
            await gateway.authorise(payment("pm_card_visa"), "a")
    assert len(stripe.requests) == 2
