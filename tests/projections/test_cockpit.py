"""Processes as rows."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain.cart.events import CartAbandoned
from domain.shared.ids import CartId
from domain.shared.journal import Envelope, JournalEntry
from projections import cockpit
from projections.cockpit import PROJECTION, Filter, Instance
from projections.engine.paging import Window
from tests.support.builders.event_log_builder import NOON, Log, build, feed, rows

ALL = Window(size=10)


def heard(instance: str, phase: str, attention: str | None = None, process: str = "checkout") -> JournalEntry:
    return JournalEntry(
        process=process,
        instance=instance,
        input_id=UUID(int=9),
        input=Envelope(CartAbandoned(cart_id=CartId("c"))),
        input_at=NOON,
        asked=(),
        alarms=(),
        phase=phase,
        attention=attention,
    )


def after(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_an_instance_stands_in_its_phase_since_it_came_into_it(connection: asyncpg.Connection, size: int) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    log.tell(
        heard("o1", "reserving"),
        heard("o2", "reserving"),
        heard("o1", "reserving"),
        heard("o1", "placed"),
        heard("o2", "paying", attention="The gateway is silent."),
        heard("o2", "reserving"),
        heard("o1", "placed"),
    )
    await feed(tables, PROJECTION, log.recorded, size)
    assert await rows(tables, "instances") == [
        ("checkout", "o1", "placed", None, "cart.abandoned.v1", after(7), after(4)),
        ("checkout", "o2", "reserving", None, "cart.abandoned.v1", after(6), after(6)),
    ]


async def test_instances_are_filtered_and_come_in_pages_latest_first(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    log.tell(*(heard(f"o{n}", "paying") for n in range(4)))
    log.tell(heard("o4", "placed"), heard("o5", "paying", attention="Look!"), heard("o1", "paying", process="returns"))
    await feed(tables, PROJECTION, log.recorded)

    async def names(window: Window = ALL, **wanted: Any) -> list[str]:
        page = await cockpit.instances(tables, Filter(**wanted), window)
        return [f"{item.process} {item.instance}" for _, item in page.items]

    assert await names(process="returns") == ["returns o1"]
    assert await names(instance="o1") == ["returns o1", "checkout o1"]
    assert await names(phase="placed") == ["checkout o4"]
    assert await names(attention=True) == ["checkout o5"]
    assert await names(process="checkout", attention=False, phase="paying") == [f"checkout o{n}" for n in (3, 2, 1, 0)]

    page = await cockpit.instances(tables, Filter(), Window(size=3))
    assert [item.instance for _, item in page.items] == ["o1", "o5", "o4"]
    assert (page.more_before, page.more_after) == (False, True)
    place, last = page.items[-1]
    assert last == Instance(
        process="checkout",
        instance="o4",
        phase="placed",
        attention=None,
        last_input="cart.abandoned.v1",
        heard_at=after(5),
        since=after(5),
    )
    assert await names(Window(size=2, after=place)) == ["checkout o3", "checkout o2"]
    assert await names(Window(size=2, before=place, backwards=True)) == ["returns o1", "checkout o5"]


async def test_phases_are_counted(connection: asyncpg.Connection) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    log.tell(heard("o1", "paying"), heard("o2", "paying"), heard("o3", "placed"))
    await feed(tables, PROJECTION, log.recorded)
    assert await cockpit.phases(tables) == {("checkout", "paying"): 2, ("checkout", "placed"): 1}
