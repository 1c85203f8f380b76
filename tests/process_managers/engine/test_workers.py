"""What a worker makes of inputs that come together."""

import asyncio
from datetime import timedelta
from uuid import UUID

from domain.shared.recorded import START
from infra.serialization.codec import JsonCodec
from process_managers.engine.checkpoint import Checkpoint
from process_managers.engine.delivery import Delivery
from process_managers.engine.inputs import Input
from process_managers.engine.process import TimerFired
from process_managers.engine.services import Services
from process_managers.engine.watermark import Watermark
from process_managers.engine.workers import JournalWorker
from tests.support.fixtures.virtual_time import BEGINNING, clock, run
from tests.support.harness.counter import TicketSold
from tests.support.harness.outing import outing
from tests.support.harness.process_harness import PATIENCE, ROUTES, ProcessHarness, forgetful

FIRST, SECOND, RANG = UUID(int=1), UUID(int=2), UUID(int=3)


def worker(harness: ProcessHarness) -> JournalWorker:
    delivery = Delivery(forgetful, harness.store, JsonCodec(), ROUTES, PATIENCE, asyncio.sleep)
    checkpoint = Checkpoint(harness.progress, harness.store.event_at, Watermark(START), START)
    return JournalWorker(Services(harness.store, JsonCodec(), clock, delivery, checkpoint), outing, "anna")


def sold(number: UUID, second: int) -> Input:
    return Input(TicketSold(show="anna/play"), number, BEGINNING + timedelta(seconds=second), number, stream="show-a")


def test_a_timer_that_comes_with_a_beginning_of_long_ago_is_heard() -> None:
    async def story() -> None:
        harness = ProcessHarness()
        await worker(harness).take([sold(FIRST, 0), sold(SECOND, 5)])
        rang = TimerFired(process="outing", instance="anna", name="dinner", due=BEGINNING + timedelta(seconds=15))
        await worker(harness).take([sold(FIRST, 0), Input(rang, RANG, rang.due, FIRST)])
        assert [entry.input_id for entry in await harness.heard("anna")] == [FIRST, SECOND, RANG]

    run(story())
