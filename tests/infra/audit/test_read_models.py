"""A read model that is not the fold of the log is found."""

import asyncpg

from commands.ports import EventStore
from domain.shared.recorded import Position
from infra.projections import manage
from infra.projections.active import ActiveBuilds
from projections.registry import PROJECTIONS
from tests.support.builders.auditing import SHOP, built, failed, verdict, written
from tests.support.builders.sale import sale
from tests.support.fixtures.proxy import until
from tests.support.harness.projecting import box_office, reached, running, sold


async def test_a_wrong_row_in_a_read_model_is_found(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await written(store, *SHOP.opening(), *sale(SHOP, 1).delivered())
    await built(database_url, store)
    await connection.execute("update stock_levels_b1.stock_levels set on_hand = 5 where sku = 'S00001'")
    await connection.execute("delete from carts_b1.carts")
    found = failed(await verdict(database_url, store, PROJECTIONS))
    assert found["read model stock_levels equals the fold of the log at its position"] == [
        "stock_levels has (S00001,MAIN,5,0,0)",
        "stock_levels lacks (S00001,MAIN,1000,0,0)",
    ]
    (lacks,) = found["read model carts equals the fold of the log at its position"]
    assert lacks.startswith("carts lacks (o000001,")
    assert len(found) == 2


async def test_a_read_model_is_compared_at_its_own_position(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await written(store, *SHOP.opening())
    await built(database_url, store)
    await written(store, *sale(SHOP, 1).delivered())
    assert failed(await verdict(database_url, store, PROJECTIONS)) == {}
    assert await connection.fetch("select 1 from pg_namespace where nspname like '%check%'") == []


async def test_a_read_model_that_stands_still_or_cannot_be_folded_fails(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await manage.prepare(connection, [box_office(), box_office("other")])
    await connection.execute("update projection_builds set error = 'ValueError: no' where name = 'other'")
    projections = [box_office(version=2), box_office("other"), box_office("third")]
    found = failed(await verdict(database_url, store, projections))
    assert list(found.values()) == [
        ["box_office_b1 is of version 1, which this code cannot fold."],
        ["other_b1 stands still at 0: ValueError: no"],
        ["third was never built. Start the projections."],
    ]


async def test_a_stream_that_stands_still_fails_and_the_rest_of_the_read_model_is_proven(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    opera = [*sold("hamlet"), *sold("opera"), *sold("hamlet"), *sold("opera")]
    await written(store, *opera)
    fussy = box_office(stumbles=True)
    async with running(database_url, store, [fussy]), ActiveBuilds(database_url) as active:
        assert await reached(active, ["box_office"], Position(4))
    from_there = "box_office_b1 takes in nothing of show-opera from position 2 on"
    why = f"{from_there}, test.ticket_sold.v1: ValueError: No opera here."
    for projection in (fussy, box_office()):
        found = failed(await verdict(database_url, store, [projection]))
        assert found == {"read model box_office equals the fold of the log at its position": [why]}
    await connection.execute("update box_office_b1.sold set tickets = 3")
    ((_, told),) = failed(await verdict(database_url, store, [fussy])).items()
    assert told == [why, "sold has (hamlet,3)", "sold lacks (hamlet,2)"]

    await manage.resend(connection, box_office())
    async with running(database_url, store, [box_office()]):
        switched = "select status = 'active' from projection_builds where build = 2"
        await until(lambda: connection.fetchval(switched))
    assert failed(await verdict(database_url, store, [box_office()])) == {}
