"""One instance of a process, who works in the shop, and how far processes are."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from domain.cart.events import CartCheckedOut
from domain.payment.commands import RequestVoid
from domain.shared.ids import PaymentId
from domain.shared.journal import CommandParked, Envelope, JournalEntry, RequestedCommand, TimerChange
from domain.shared.recorded import Position
from infra.kafka.standing import StandingTable, WaitingLetter
from infra.postgres import lease_schema
from infra.postgres.sessions import Sessions
from infra.processes.progress import PostgresProgress
from process_managers.engine.ports import Timer
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.purchases import Purchase
from tests.support.harness.read_side import ReadSide, token

BOB = token("bob", "back_office")
VOID = RequestVoid(payment_id=PaymentId("O1"), reason="late")

RUN = """query ($instance: ID!, $last: Int) { cockpit { instance(process: "checkout", instance: $instance) {
    phase attention stream table
    timers { name due }
    parked { commandId error attempts }
    parkedInputs { entryId }
    journal(last: $last) {
        edges { node { revision input says requested { command } timers { name due } phase attention } }
        pageInfo { hasPreviousPage startCursor }
    }
} } }"""


def waiting(shop: ReadSide) -> None:
    purchase = Purchase(shop.log)
    purchase.check_out()
    checked_out = next(one for one in shop.log.recorded if isinstance(one.fact, CartCheckedOut))
    shop.log.tell(
        JournalEntry(
            process="checkout",
            instance="O1",
            input_id=checked_out.event_id,
            input=Envelope(checked_out.fact),
            input_at=checked_out.recorded_at,
            asked=(RequestedCommand(command_id=UUID(int=7), command=Envelope(VOID)),),
            alarms=(
                TimerChange(name="reserve", due=NOON + timedelta(seconds=10)),
                TimerChange(name="pay", due=NOON + timedelta(minutes=14)),
            ),
            phase="reserving",
            attention=None,
        ),
        stream="checkout-O1",
        by="process:checkout",
    )
    parked: dict[str, Any] = {
        "process": "checkout",
        "command_id": UUID(int=7),
        "command": Envelope(VOID),
        "error": "TimeoutError",
    }
    shop.log.tell(
        CommandParked(instance="O1", attempts=5, **parked),
        CommandParked(instance="O2", attempts=5, **{**parked, "command_id": UUID(int=8)}),
        stream="parked-7",
    )


async def test_an_instance_is_shown_with_its_timers_attempts_and_journal(shop: ReadSide) -> None:
    waiting(shop)
    await shop.catch_up()
    run = (await shop.ask(RUN, token=BOB, instance="O1", last=1))["cockpit"]["instance"]
    assert run.pop("table").startswith("From the checked-out cart to an order: ")
    ten, quarter = ((NOON + timedelta(seconds=seconds)).isoformat() for seconds in (10, 14 * 60))
    (edge,) = run.pop("journal")["edges"]
    assert run == {
        "phase": "reserving",
        "attention": None,
        "stream": "checkout-O1",
        "timers": [{"name": "reserve", "due": ten}, {"name": "pay", "due": quarter}],
        "parked": [{"commandId": str(UUID(int=7)), "error": "TimeoutError", "attempts": 5}],
        "parkedInputs": [],
    }
    assert edge["node"] == {
        "revision": 1,
        "input": "cart.checked_out.v4",
        "says": "Took in cart.checked_out.v4; requested payment.request_void.v1; set timer reserve to 2026-11-25 12:00 "
        "UTC; set timer pay to 2026-11-25 12:14 UTC. Now reserving.",
        "requested": [{"command": "payment.request_void.v1"}],
        "timers": [{"name": "reserve", "due": ten}, {"name": "pay", "due": quarter}],
        "phase": "reserving",
        "attention": None,
    }


async def test_an_instance_that_there_is_not_is_none(shop: ReadSide) -> None:
    assert await shop.ask(RUN, token=BOB, instance="NONE", last=1) == {"cockpit": {"instance": None}}


WORK = """{ cockpit {
    workers { work holder token expiresAt ended pieces }
    processing { lagEvents underWay timers nextTimer }
} }"""


async def test_nobody_works_in_a_shop_that_was_not_opened(shop: ReadSide) -> None:
    waiting(shop)
    await shop.store_what_was_told()
    assert await shop.ask(WORK, token=BOB) == {
        "cockpit": {
            "workers": [],
            "processing": {"lagEvents": len(shop.log.recorded), "underWay": 0, "timers": 0, "nextTimer": None},
        }
    }


async def test_workers_are_shown_with_their_terms_and_shares(shop: ReadSide, database_url: str) -> None:
    waiting(shop)
    await shop.store_what_was_told()
    connection = await asyncpg.connect(database_url)
    await lease_schema.install(connection)
    late, long = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    await connection.executemany(
        "insert into leases.members values ('processes', $1, $2, $3)", [(1, "a 10", late), (2, "b 20", long)]
    )
    await connection.executemany(
        "insert into leases.pieces values ('processes', $1, $2)", [("1", 2), ("0", 2), ("2", 1)]
    )
    await connection.close()
    sessions = Sessions(database_url, "test", 1)
    progress = PostgresProgress(sessions)
    await progress.prepare()
    timer = Timer(process="checkout", instance="O1", name="pay", due=long, correlation_id=UUID(int=1))
    await progress.advance(Position(2), [timer])
    await progress.late(0.5, 3)
    await sessions.close()
    assert (await shop.ask(WORK, token=BOB))["cockpit"] == {
        "workers": [
            {
                "work": "processes",
                "holder": "a 10",
                "token": 1,
                "expiresAt": late.isoformat(),
                "ended": True,
                "pieces": ["2"],
            },
            {
                "work": "processes",
                "holder": "b 20",
                "token": 2,
                "expiresAt": long.isoformat(),
                "ended": False,
                "pieces": ["0", "1"],
            },
        ],
        "processing": {
            "lagEvents": len(shop.log.recorded) - 2,
            "underWay": 3,
            "timers": 1,
            "nextTimer": long.isoformat(),
        },
    }


PUBLISHER = """{ cockpit { publisher {
    position lagEvents trouble silent waiting deadLetters { position stream revision eventId type error asked }
} } }"""


async def test_the_publisher_is_shown_with_its_dead_letters(shop: ReadSide, database_url: str) -> None:
    waiting(shop)
    await shop.store_what_was_told()
    assert await shop.ask(PUBLISHER, token=BOB) == {"cockpit": {"publisher": None}}
    sessions = Sessions(database_url, "test", 1)
    table = StandingTable(sessions)
    await table.prepare()
    await table.report(1, "KafkaError: away")
    letter = WaitingLetter(
        position=1, stream="stock-MUG@MAIN", revision=0, event_id="e", type="stock.received.v1", error="Large.", asked=2
    )
    await table.report_letters([letter] * 60)
    await sessions.close()
    publisher = (await shop.ask(PUBLISHER, token=BOB))["cockpit"]["publisher"]
    letters = publisher.pop("deadLetters")
    assert publisher == {
        "position": "1",
        "lagEvents": len(shop.log.recorded) - 1,
        "trouble": "KafkaError: away",
        "silent": False,
        "waiting": 60,
    }
    assert len(letters) == 50
    assert letters[0] == {
        "position": "1",
        "stream": "stock-MUG@MAIN",
        "revision": 0,
        "eventId": "e",
        "type": "stock.received.v1",
        "error": "Large.",
        "asked": 2,
    }
