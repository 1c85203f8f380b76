"""A record that was changed, lost, moved or repeated is found."""

import asyncpg

from commands.ports import EventStore
from projections.registry import PROJECTIONS
from tests.support.builders.auditing import NAMES, SHOP, built, failed, received, tamper, verdict, written
from tests.support.builders.sale import sale

ORDER = "positions rise, and none is missing"
REVISIONS = "every stream counts its records from 0 without a gap"
SEALS = "every record proves itself and its predecessor by hash"
UNDERSTOOD = "every record is understood"
IDS = "no event id is used twice"
FOLLOWERS = "processes and read models stand at events of this log"
COMMANDS = "each command left its events once, one after the other"


async def test_a_changed_byte_is_found(database_url: str, store: EventStore, connection: asyncpg.Connection) -> None:
    await written(store, *SHOP.opening())
    await tamper(
        connection,
        "update events set data = replace(data::text, '1000', '9000')::json where type = 'stock.received.v1'",
    )
    found = failed(await verdict(database_url, store))
    assert set(found) == {SEALS}
    assert len(found[SEALS]) == 10
    assert found[SEALS][0].endswith("stock-S00000@MAIN at revision 0 is not what was stored.")


async def test_a_lost_event_is_found(database_url: str, store: EventStore, connection: asyncpg.Connection) -> None:
    await written(store, *SHOP.opening())
    place = await connection.fetchval("select position from events where stream = 'product-P3' and revision = 2")
    await tamper(connection, f"delete from events where position = {place}")
    assert failed(await verdict(database_url, store)) == {
        ORDER: [f"1 records are missing before {place + 1}."],
        REVISIONS: ["product-P3: 3 comes after 1."],
        SEALS: [f"Position {place + 1}: product-P3 at revision 3 is not what was stored."],
    }


async def test_an_event_lost_at_the_end_of_the_log_is_found_by_read_models(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    """Each read model finds it; the check that lists the followers shows ten of them."""
    await written(store, *SHOP.opening())
    await built(database_url, store)
    head = await store.head()
    await tamper(connection, f"delete from events where position = {head}")
    found = failed(await verdict(database_url, store, PROJECTIONS))
    stand = found.pop(FOLLOWERS)
    assert [told.partition(" Nothing is followed")[0] for told in stand] == [
        f"{name}_b1: The log ends at position {head - 1}, before position {head}, which was followed already."
        for name in sorted(NAMES)[:10]
    ]
    assert found == {
        f"read model {name} equals the fold of the log at its position": [
            f"{name}_b1 stands at {head}, the log ends at {head - 1}."
        ]
        for name in NAMES
    }


async def test_an_event_in_another_place_is_found(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await written(store, *SHOP.opening())
    await tamper(connection, "update events set stream = 'stock-S00001@EAST' where stream = 'stock-S00001@MAIN'")
    assert set(failed(await verdict(database_url, store))) == {SEALS}


async def test_events_in_another_order_are_found(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await written(store, *SHOP.opening())
    place = await connection.fetchval("select position from events where stream = 'product-P3' and revision = 0")
    await tamper(
        connection,
        f"""update events set position = position - {2 * place + 1} where position in ({place}, {place + 1});
        update events set position = -position where position < 0""",
    )
    assert {REVISIONS, SEALS} <= set(failed(await verdict(database_url, store)))


async def test_what_nobody_understands_is_found(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await written(store, *SHOP.opening())
    await tamper(connection, "update events set type = 'stock.vanished.v1' where stream = 'stock-S00001@MAIN'")
    found = failed(await verdict(database_url, store))
    assert set(found) == {SEALS, UNDERSTOOD}
    assert found[UNDERSTOOD] == [
        "stock.vanished.v1 in stock-S00001@MAIN at revision 0 cannot be read: No event is called stock.vanished.v1. "
        "Is this version older than the log?"
    ]


async def test_a_command_in_a_journal_that_nobody_can_read_is_found(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await written(store, *SHOP.opening(), *sale(SHOP, 1).placed())
    await tamper(
        connection,
        """update events set data = replace(data::text, '"quantity":', '"amount":')::json
        where type = 'process.heard.v1' and data::text like '%"stock.reserve.v1"%'""",
    )
    found = failed(await verdict(database_url, store))
    assert {SEALS, UNDERSTOOD} <= set(found)
    assert "quantity" in found[UNDERSTOOD][0]


async def test_a_command_that_was_carried_out_twice_is_found(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await written(store, *SHOP.opening(), *received(1), *received(1))
    revision_0 = await connection.fetchval(
        "select metadata->>'command_id' from events where stream = 'stock-S00001@MAIN' and revision = 0"
    )
    await tamper(
        connection,
        f"""update events set metadata = jsonb_set(metadata::jsonb, '{{command_id}}', '"{revision_0}"')::json
        where stream = 'stock-S00001@MAIN' and revision = 2""",
    )
    found = failed(await verdict(database_url, store))
    assert found[COMMANDS] == [f"stock-S00001@MAIN at revision 2: command {revision_0} again"]


async def test_an_event_id_that_is_used_twice_is_found(
    database_url: str, store: EventStore, connection: asyncpg.Connection
) -> None:
    await written(store, *SHOP.opening())
    await tamper(
        connection,
        """alter table events drop constraint events_event_id_key;
        update events set event_id = (select event_id from events where stream = 'stock-S00001@MAIN')
        where stream = 'stock-S00002@MAIN'""",
    )
    found = failed(await verdict(database_url, store))
    assert set(found) == {SEALS, IDS}
    assert [where.partition(":")[0] for where in found[IDS]] == ["stock-S00002@MAIN at revision 0"]
