"""Whoever dies in the middle of a call and asks again with the same key finds one hold, one capture and one refund."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from domain.payment.commands import RecordAuthorisation, RecordCapture, RecordRefund
from process_managers.engine.ports import GatewayUnavailable
from tests.infra.payments.contract.subjects import Money, Subject
from tests.support.builders.payments import capture, payment, refund

Call = Callable[[], Awaitable[object]]

TRIES = 20


async def killed(call: Call, steps: int) -> None:
    """Begin the call and stop after so many steps of the event loop, wherever it is then."""
    task = asyncio.ensure_future(call())
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError, GatewayUnavailable):
        await task


async def answered(call: Call) -> object:
    """As the runner of processes does: again, until there is an answer."""
    for _ in range(TRIES):
        with suppress(GatewayUnavailable):
            return await call()
    raise AssertionError("There was no answer.")


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89])
async def test_a_call_is_carried_out_once_wherever_its_caller_dies(subject: Subject, steps: int) -> None:
    gateway = subject.gateway

    async def call(once: Call) -> object:
        await killed(once, steps)
        await killed(once, steps)
        return await answered(once)

    held = await call(lambda: gateway.authorise(payment(subject.cards.good), subject.key("hold")))
    assert isinstance(held, RecordAuthorisation)
    ref = held.gateway_ref
    taken = await call(lambda: gateway.capture(capture(ref, 700), subject.key("capture")))
    assert isinstance(taken, RecordCapture)
    back = await call(lambda: gateway.refund(refund(ref, "r1", 300), subject.key("refund")))
    assert isinstance(back, RecordRefund)
    assert await subject.money(ref) == Money(taken=700, back=300)
    if subject.intents is not None:
        assert await subject.intents() == 1
