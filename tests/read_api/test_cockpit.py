"""The cockpit: who needs somebody, what waits to be sent again, how far the read models are."""

from uuid import UUID

import asyncpg

from domain.shared.ids import OrderId, Sku, Warehouse
from domain.shared.journal import CommandParked, Envelope, InputParked, Unrecorded
from domain.stock.commands import DispatchStock
from projections.registry import PROJECTIONS
from tests.support.builders.purchases import Purchase
from tests.support.harness.read_side import ReadSide, token

BOB = token("bob", "back_office")


async def test_the_cockpit_shows_who_needs_help(shop: ReadSide) -> None:
    purchase = Purchase(shop.log)
    purchase.check_out()
    purchase.reach("needs attention", "The void was refused.")
    dispatch = DispatchStock(sku=Sku("MILK-1"), warehouse=Warehouse("MAIN"), order_id=OrderId("O1"))
    (parked,) = shop.log.tell(
        CommandParked(
            process="fulfilment",
            instance="O1",
            command_id=shop.log.recorded[0].event_id,
            command=Envelope(dispatch),
            error="TimeoutError",
            attempts=5,
        )
    )
    unread, timer = shop.log.tell(
        InputParked(
            process="log",
            instance=None,
            entry_id=UUID(int=1),
            input_id=UUID(int=2),
            input="order.placed.v3",
            stream="order-O1",
            revision=0,
            unrecorded=None,
            error="ValidationError",
        ),
        InputParked(
            process="checkout",
            instance="O1",
            entry_id=UUID(int=3),
            input_id=UUID(int=4),
            input="process.timer_fired.v1",
            stream="",
            revision=-1,
            unrecorded=Unrecorded(message=Envelope(dispatch), at=parked.recorded_at, correlation_id=UUID(int=5)),
            error="KeyError",
        ),
    )
    await shop.catch_up()
    seen = await shop.ask(
        """{ cockpit {
            processes(attention: true) { edges { node { process instance phase attention lastInput } } }
            parked { edges { node { process instance command error attempts parkedAt } } }
            parkedInputs(first: 2) {
                edges { node { entryId process instance inputId input stream revision error parkedAt } }
                pageInfo { hasNextPage }
            }
            phases { process phase instances }
        } }""",
        token=BOB,
    )
    assert seen["cockpit"] == {
        "processes": {
            "edges": [
                {
                    "node": {
                        "process": "checkout",
                        "instance": "O1",
                        "phase": "needs attention",
                        "attention": "The void was refused.",
                        "lastInput": "order.delivered.v1",
                    }
                }
            ]
        },
        "parked": {
            "edges": [
                {
                    "node": {
                        "process": "fulfilment",
                        "instance": "O1",
                        "command": "stock.dispatch.v1",
                        "error": "TimeoutError",
                        "attempts": 5,
                        "parkedAt": parked.recorded_at.isoformat(),
                    }
                }
            ]
        },
        "parkedInputs": {
            "edges": [
                {
                    "node": {
                        "entryId": str(UUID(int=3)),
                        "process": "checkout",
                        "instance": "O1",
                        "inputId": str(UUID(int=4)),
                        "input": "process.timer_fired.v1",
                        "stream": None,
                        "revision": None,
                        "error": "KeyError",
                        "parkedAt": timer.recorded_at.isoformat(),
                    }
                },
                {
                    "node": {
                        "entryId": str(UUID(int=1)),
                        "process": "log",
                        "instance": None,
                        "inputId": str(UUID(int=2)),
                        "input": "order.placed.v3",
                        "stream": "order-O1",
                        "revision": 0,
                        "error": "ValidationError",
                        "parkedAt": unread.recorded_at.isoformat(),
                    }
                },
            ],
            "pageInfo": {"hasNextPage": False},
        },
        "phases": [{"process": "checkout", "phase": "needs attention", "instances": 1}],
    }


async def test_projections_tell_how_far_they_are(shop: ReadSide) -> None:
    Purchase(shop.log).buy()
    position = await shop.catch_up()
    query = "{ projections { name build version state position lagEvents lagSeconds error } }"
    builds = (await shop.ask(query, token=BOB))["projections"]
    assert [build["name"] for build in builds] == sorted(projection.name for projection in PROJECTIONS)
    (best_sellers,) = [build for build in builds if build["name"] == "best_sellers"]
    assert best_sellers == {
        "name": "best_sellers",
        "build": 1,
        "version": 2,
        "state": "ACTIVE",
        "position": str(position),
        "lagEvents": 0,
        "lagSeconds": 0.0,
        "error": None,
    }


async def test_what_read_models_could_not_take_in_is_shown_and_health_says_so(
    shop: ReadSide, database_url: str
) -> None:
    assert (await shop.client.get("/health/ready")).status_code == 204
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        """insert into projection_parked (name, build, stream, position, type, error, held_back, parked_at)
        values ('carts', 1, 'cart-C1', 7, 'cart.opened.v9', 'UnknownEvent: what?', 3, '2026-11-25T12:00:00Z')"""
    )
    await connection.execute("update projection_builds set error = 'ValueError: no' where name = 'orders'")
    await connection.close()
    query = """{
        projections { name parked error }
        cockpit { parkedEvents { readModel build stream position type error heldBack parkedAt } }
    }"""
    told = await shop.ask(query, token=BOB)
    assert [one["name"] for one in told["projections"] if one["parked"] == 1] == ["carts"]
    assert told["cockpit"]["parkedEvents"] == [
        {
            "readModel": "carts",
            "build": 1,
            "stream": "cart-C1",
            "position": "7",
            "type": "cart.opened.v9",
            "error": "UnknownEvent: what?",
            "heldBack": 3,
            "parkedAt": "2026-11-25T12:00:00+00:00",
        }
    ]
    answer = await shop.client.get("/health/ready")
    degraded = {"status": "degraded", "failed": ["orders"], "parked": {"carts": 1}}
    assert (answer.status_code, answer.json()) == (200, degraded)
