"""The runner takes every build through the log, each event once."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from commands.ports import NO_STREAM, EventStore, NewEvent
from domain.shared.recorded import Metadata, Position
from infra.audit.history import LogHistory
from infra.bootstrap.composition import codec
from infra.projections import manage
from infra.projections.active import ActiveBuilds
from infra.projections.builds import PostgresBuilds
from infra.projections.lag import lag
from infra.projections.log import UnderstoodLog
from infra.projections.manage import NothingParked
from infra.serialization.codec import JsonCodec
from projections import cockpit, parked
from projections.engine import parking
from projections.engine.builds import Status
from projections.engine.runner import Runner
from projections.registry import PROJECTIONS
from tests.domain.api_key.test_api_keys import issued
from tests.domain.promotion.test_promotion import drafted, scheduled
from tests.infra.audit.test_staff import ROSTER
from tests.support.builders.account import ACCOUNT
from tests.support.builders.sale import sale
from tests.support.builders.shop import Append, Shop, Writer
from tests.support.fixtures.proxy import until
from tests.support.harness.projecting import (
    box_office,
    everything,
    folded,
    reached,
    running,
    served,
    sold,
    standing,
    tickets,
)

EMPTY_IN_THE_END = ("open_orders", "holds", "planned_prices", *parked.TABLES)
"""Tables of what is under way or still to come: orders, units held unpaid, prices, parked messages."""


async def test_every_read_model_is_the_fold_of_the_log(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    shop, writer = Shop(), Writer(store)
    await writer.write(shop.opening())
    await writer.write(sale(shop, 1).delivered())
    async with running(database_url, store, PROJECTIONS), ActiveBuilds(database_url) as active:
        await writer.write(sale(shop, 2).cancelled())
        await writer.write(sale(shop, 3).short())
        await writer.write(sale(shop, 4).rejected())
        await writer.write(
            [
                Append("staff-roster", ROSTER),
                Append("customer-shopper-1", ACCOUNT),
                Append("apikey-registry", [issued()]),
                Append("promotion-book", [drafted, scheduled()]),
            ]
        )
        head = await store.head()
        names = [projection.name for projection in PROJECTIONS]
        assert await reached(active, names, head)
    facts = await everything(store)
    for projection in PROJECTIONS:
        rows = await served(connection, projection)
        assert rows == await folded(connection, projection, facts)
        assert all(rows[table] for table in projection.tables if table not in EMPTY_IN_THE_END)


async def test_a_checkpoint_moves_past_what_nobody_hears(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await Writer(store).write([*sold("hamlet", 3), *Shop(products=2).opening()])
    head = await store.head()
    async with running(database_url, store, [box_office()]), ActiveBuilds(database_url) as active:
        assert await reached(active, ["box_office"], head)
    assert await tickets(connection, "box_office_b1") == {"hamlet": 3}


async def test_the_log_is_read_once_for_all_that_stand_together(database_url: str, store: EventStore) -> None:
    await Writer(store).write(sold("hamlet", 5))
    offices = [box_office(f"office_{n}") for n in range(3)]
    log = _Counted(store, JsonCodec(), frozenset(offices[0].handles))
    builds = PostgresBuilds(database_url)
    runner = asyncio.create_task(Runner(offices, log, builds).run())
    async with ActiveBuilds(database_url) as active:
        assert await reached(active, [office.name for office in offices], Position(5))
    runner.cancel()
    await asyncio.wait([runner])
    await builds.close()
    assert _Counted.readings == 1


async def test_an_event_that_a_read_model_refuses_is_parked_there_and_all_else_goes_on(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    writer = Writer(store)
    offices = [box_office(), box_office("fussy", stumbles=True)]
    async with running(database_url, store, offices), ActiveBuilds(database_url) as active:
        await writer.write([*sold("hamlet", 2), *sold("opera"), *sold("hamlet"), *sold("opera", 2)])
        assert await reached(active, ["box_office", "fussy"], Position(6))
        fussy = {build.name: build for build in await active.builds()}["fussy"]
        standing_now = await LogHistory(store, JsonCodec(), active).standing()
    assert {name: one.parked for name, one in standing_now.items()} == {"box_office": 0, "fussy": 1}
    assert (fussy.state, fussy.parked, fussy.error) == ("active", 1, None)
    assert await tickets(connection, "box_office_b1") == {"hamlet": 3, "opera": 3}
    assert await tickets(connection, "fussy_b1") == {"hamlet": 3}
    (parked,) = await connection.fetch("select * from projection_parked")
    assert tuple(parked)[:7] == ("fussy", 1, "show-opera", 3, "test.ticket_sold.v1", "ValueError: No opera here.", 2)

    offices = [box_office(), box_office("fussy")]
    async with running(database_url, store, offices), ActiveBuilds(database_url) as active:
        await writer.write(sold("opera"))
        assert await reached(active, ["fussy"], Position(7))
        assert await tickets(connection, "fussy_b1") == {"hamlet": 3}
        build = await manage.resend(connection, offices[1])
        with pytest.raises(NothingParked):
            await manage.resend(connection, offices[0])

        async def read() -> bool:
            return build.schema in [it.schema for it in await active.builds() if it.status is Status.ACTIVE]

        await until(read)
    assert await tickets(connection, "fussy_b2") == {"hamlet": 3, "opera": 4}
    assert await standing(connection) == {
        "box_office_b1": ("active", 7),
        "fussy_b1": ("retired", 7),
        "fussy_b2": ("active", 7),
    }
    await manage.drop(connection, "fussy", 1)
    assert await connection.fetch("select * from projection_parked") == []


async def test_a_read_model_that_refuses_too_much_stands_still_and_is_tried_again_after_a_restart(
    database_url: str, store: EventStore, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parking, "MOST", 0)
    await Writer(store).write([*sold("opera"), *sold("hamlet")])
    offices = [box_office(stumbles=True), box_office("other")]
    async with running(database_url, store, offices), ActiveBuilds(database_url) as active:
        assert await reached(active, ["other"], Position(2))
        failed = {build.name: build for build in await active.builds()}["box_office"]
        assert (failed.state, failed.parked) == ("failed", 0)
    assert await standing(connection) == {"box_office_b1": ("active", 0), "other_b1": ("active", 2)}
    offices = [box_office(), box_office("other")]
    async with running(database_url, store, offices), ActiveBuilds(database_url) as active:
        assert await reached(active, ["box_office"], Position(2))
        assert [build.error for build in await active.builds()] == [None, None]
    assert await tickets(connection, "box_office_b1") == {"opera": 1, "hamlet": 1}


async def test_a_batch_reaches_a_build_once_even_from_two_runners(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await Writer(store).write(sold("hamlet", 50))
    office = box_office()
    ours = [PostgresBuilds(database_url), PostgresBuilds(database_url)]
    log = UnderstoodLog(store, JsonCodec(), frozenset(office.handles))
    runners = [asyncio.create_task(Runner([office], log, builds).run()) for builds in ours]
    async with ActiveBuilds(database_url) as active:
        for _ in range(5):
            await Writer(store, commands=int(await store.head())).write(sold("hamlet", 50))
        assert await reached(active, ["box_office"], await store.head())
    for runner, builds in zip(runners, ours, strict=True):
        runner.cancel()
        await asyncio.wait([runner])
        await builds.close()
    assert await tickets(connection, "box_office_b1") == {"hamlet": 300}


async def test_a_lost_connection_repeats_nothing(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    writer = Writer(store)
    async with running(database_url, store, [box_office()]), ActiveBuilds(database_url) as active:
        await writer.write(sold("hamlet", 3))
        assert await reached(active, ["box_office"], Position(3))
        await connection.execute(
            """select pg_terminate_backend(pid) from pg_stat_activity
            where query like '%counterfoil_progress%' and pid <> pg_backend_pid()"""
        )
        await writer.write(sold("hamlet", 3))
        assert await reached(active, ["box_office"], Position(6))
    assert await tickets(connection, "box_office_b1") == {"hamlet": 6}


async def test_lag_counts_events_and_the_age_of_the_oldest(store: EventStore, connection: asyncpg.Connection) -> None:
    await manage.prepare(connection, [box_office()])
    await Writer(store).write(sold("hamlet", 3))
    (behind,) = await lag(await manage.builds(connection), store)
    assert behind.events == 3
    assert 0 < behind.seconds < 60
    await connection.execute("update projection_builds set position = 3")
    (caught_up,) = await lag(await manage.builds(connection), store)
    assert (caught_up.events, caught_up.seconds) == (0, 0.0)


class _Counted(UnderstoodLog):
    readings = 0

    def follow(self, after: Position):  # type: ignore[no-untyped-def]  # an async generator, as the parent's
        _Counted.readings += 1
        return super().follow(after)


async def test_an_event_of_an_older_version_reaches_the_read_model(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    nobody = UUID(int=1)
    signed = Metadata(command_id=nobody, correlation_id=nobody, causation_id=nobody, actor="process:log")
    data = (
        b'{"process":"log","input_id":"00000000-0000-0000-0000-000000000003","input":"order.placed.v1",'
        b'"stream":"order-1","revision":0,"error":"ValidationError"}'
    )
    await store.append("unheard-1", [NewEvent(nobody, "process.input_parked.v1", data, signed)], expected=NO_STREAM)
    log = UnderstoodLog(store, codec(), frozenset(cockpit.PROJECTION.handles))
    builds = PostgresBuilds(database_url)
    runner = asyncio.create_task(Runner([cockpit.PROJECTION], log, builds).run())
    async with ActiveBuilds(database_url) as active:
        assert await reached(active, ["cockpit"], Position(1))
    runner.cancel()
    await asyncio.wait([runner])
    await builds.close()
    rows = await connection.fetch("select process, instance, input, stream from cockpit_b1.parked_inputs")
    assert [tuple(row) for row in rows] == [("log", None, "order.placed.v1", "order-1")]
