"""What waits to be sent again as rows of the cockpit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from domain.payment.commands import RequestVoid
from domain.shared.ids import PaymentId
from domain.shared.journal import (
    CommandParked,
    CommandResent,
    CommandSkipped,
    Envelope,
    InputParked,
    InputResent,
    InputSkipped,
    Unrecorded,
)
from projections import parked
from projections.cockpit import PROJECTION
from projections.engine.paging import Window
from projections.parked import ParkedCommand, ParkedInput
from tests.support.builders.event_log_builder import NOON, Log, build, feed

VOID = Envelope(RequestVoid(payment_id=PaymentId("o1"), reason="late"))
FIRST, SECOND, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
ALL = Window(size=10)


def stuck(command: UUID, attempts: int = 5) -> CommandParked:
    return CommandParked(
        process="checkout", instance="o1", command_id=command, command=VOID, error="Down", attempts=attempts
    )


def sent(command: UUID) -> CommandResent:
    return CommandResent(process="checkout", instance="o1", command_id=command, command=VOID)


def unheard(entry: UUID, error: str = "KeyError") -> InputParked:
    return InputParked(
        process="checkout",
        instance="o1",
        entry_id=entry,
        input_id=SECOND,
        input="payment.authorised.v1",
        stream="payment-o1",
        revision=3,
        unrecorded=None,
        error=error,
    )


def given(entry: UUID) -> InputResent:
    return InputResent(
        process="checkout",
        instance="o1",
        entry_id=entry,
        input_id=SECOND,
        input="payment.authorised.v1",
        stream="payment-o1",
        revision=3,
        unrecorded=None,
    )


def after(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize("size", [1, 2, 100])
async def test_a_parked_command_waits_until_it_is_sent_again(connection: asyncpg.Connection, size: int) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    log.tell(stuck(FIRST), stuck(SECOND), sent(SECOND), sent(FIRST), stuck(FIRST, attempts=10))
    await feed(tables, PROJECTION, log.recorded, size)
    again = ParkedCommand(
        command_id=FIRST,
        process="checkout",
        instance="o1",
        command="payment.request_void.v1",
        error="Down",
        attempts=10,
        parked_at=after(5),
    )
    assert [item for _, item in (await parked.commands(tables, ALL)).items] == [again]


@pytest.mark.parametrize("size", [1, 2, 100])
async def test_a_parked_input_waits_until_it_is_sent_again(connection: asyncpg.Connection, size: int) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    log.tell(unheard(FIRST), unheard(SECOND), given(SECOND), given(FIRST), unheard(FIRST, error="TypeError"))
    await feed(tables, PROJECTION, log.recorded, size)
    again = ParkedInput(
        entry_id=FIRST,
        process="checkout",
        instance="o1",
        input_id=SECOND,
        input="payment.authorised.v1",
        stream="payment-o1",
        revision=3,
        error="TypeError",
        parked_at=after(5),
    )
    assert [item for _, item in (await parked.inputs(tables, ALL)).items] == [again]


@pytest.mark.parametrize("size", [1, 100])
async def test_what_was_skipped_waits_no_more(connection: asyncpg.Connection, size: int) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    log.tell(
        *(stuck(FIRST), unheard(FIRST), stuck(SECOND), unheard(SECOND)),
        CommandSkipped(process="checkout", instance="o1", command_id=FIRST, command=VOID, reason="void by phone"),
        InputSkipped(
            process="checkout",
            instance="o1",
            entry_id=SECOND,
            input="payment.authorised.v1",
            stream="payment-o1",
            revision=3,
            reason="void by phone",
        ),
    )
    await feed(tables, PROJECTION, log.recorded, size)
    assert [item.command_id for _, item in (await parked.commands(tables, ALL)).items] == [SECOND]
    assert [item.entry_id for _, item in (await parked.inputs(tables, ALL)).items] == [FIRST]


async def test_inputs_come_in_pages_latest_first_and_a_timer_has_no_place_in_the_log(
    connection: asyncpg.Connection,
) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    rang = Unrecorded(message=VOID, at=datetime(2026, 1, 1, tzinfo=UTC), correlation_id=FIRST)
    timer = replace(unheard(FIRST), stream="", revision=-1, unrecorded=rang)
    log.tell(timer, replace(unheard(SECOND), instance=None), unheard(THIRD))
    await feed(tables, PROJECTION, log.recorded)
    page = await parked.inputs(tables, Window(size=2))
    assert [(item.entry_id, item.instance) for _, item in page.items] == [(THIRD, "o1"), (SECOND, None)]
    assert page.more_after
    rest = await parked.inputs(tables, Window(size=2, after=page.items[-1][0]))
    assert [(item.entry_id, item.stream, item.revision) for _, item in rest.items] == [(FIRST, None, None)]


async def test_commands_that_failed_alike_are_found_the_one_that_waits_longest_first(
    connection: asyncpg.Connection,
) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    log.tell(stuck(FIRST), stuck(SECOND), replace(stuck(THIRD), error="Broken"), sent(FIRST), stuck(FIRST))
    await feed(tables, PROJECTION, log.recorded, 100)
    names = ["payment.request_void.v1"]
    assert await parked.longest_parked(tables, names, ["Down"], 10) == [SECOND, FIRST]
    assert await parked.longest_parked(tables, names, ["Down", "Broken"], 2) == [SECOND, THIRD]
    assert await parked.longest_parked(tables, ["gateway.void.v1"], ["Down"], 10) == []
