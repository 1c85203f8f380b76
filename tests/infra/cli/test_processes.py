"""Processes on the command line: where they stand, what is parked, and how it is sent again."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from commands.ports import ANY, EventStore, NewEvent
from domain.cart.events import CartAbandoned
from domain.payment.commands import RequestVoid
from domain.shared.ids import CartId, PaymentId
from domain.shared.journal import CommandParked, Envelope, InputParked, JournalEntry
from domain.shared.messages import name_of
from domain.shared.recorded import Metadata
from infra.audit.followers import CLAIM
from infra.bootstrap.composition import codec
from infra.eventstore.postgres.store import PostgresEventStore
from infra.projections import manage
from infra.projections.active import ActiveBuilds
from projections.cockpit import PROJECTION
from tests.infra.cli.conftest import Counterfoil
from tests.support.harness.projecting import reached, running

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOBODY, COMMAND, ENTRY = UUID(int=1), UUID(int=2), UUID(int=3)
HEARD = JournalEntry(
    process="checkout",
    instance="o1",
    input_id=NOBODY,
    input=Envelope(CartAbandoned(cart_id=CartId("c"))),
    input_at=NOON,
    asked=(),
    alarms=(),
    phase="Reserving",
    attention=None,
)
LOG: dict[str, list[Any]] = {
    "checkout-o1": [HEARD],
    "checkout-o2": [replace(HEARD, instance="o2", attention="The gateway is silent.")],
    "fulfilment-o3": [
        replace(HEARD, process="fulfilment", instance="o3", phase="Packing", attention="A parcel is lost.")
    ],
    f"parked-{COMMAND}": [
        CommandParked(
            process="checkout",
            instance="o2",
            command_id=COMMAND,
            command=Envelope(RequestVoid(payment_id=PaymentId("o2"), reason="late")),
            error="TimeoutError",
            attempts=10,
        )
    ],
    f"unheard-{ENTRY}": [
        InputParked(
            process="checkout",
            instance="o1",
            entry_id=ENTRY,
            input_id=NOBODY,
            input="payment.authorised.v1",
            stream="payment-o1",
            revision=1,
            unrecorded=None,
            error="KeyError",
        )
    ],
}


@pytest.fixture
async def shop(database_url: str) -> str:
    """A shop with two that need somebody, a parked command and a parked input, all of it shown."""
    store = PostgresEventStore(database_url, lambda: NOON)
    await store.open()
    await tell(store, LOG)
    async with running(database_url, store, [PROJECTION]), ActiveBuilds(database_url) as active:
        assert await reached(active, ["cockpit"], await store.head())
    await store.close()
    return database_url


async def tell(store: EventStore, log: dict[str, list[Any]]) -> None:
    signed = Metadata(command_id=NOBODY, correlation_id=NOBODY, causation_id=NOBODY, actor="process:checkout")
    for number, (stream, facts) in enumerate(log.items()):
        events = [NewEvent(UUID(int=100 + number), name_of(fact), codec().encode(fact), signed) for fact in facts]
        await store.append(stream, events, expected=ANY)


async def test_instances_are_counted_and_those_that_need_somebody_are_shown(
    counterfoil: Counterfoil, shop: str
) -> None:
    told = counterfoil("processes", "list", database=shop)
    assert told.returncode == 0
    for word in ("Reserving", "Packing", "A parcel is lost.", "The gateway is silent.", "2026-11-25 12:00:00"):
        assert word in told.stdout

    seen = json.loads(counterfoil("processes", "list", "--process", "checkout", "--json", database=shop).stdout)
    assert seen["phases"] == [{"process": "checkout", "phase": "Reserving", "instances": 2}]
    (needy,) = seen["attention"]
    assert (needy["instance"], needy["attention"]) == ("o2", "The gateway is silent.")
    assert (seen["events_behind"], seen["more"]) == (0, False)

    only = counterfoil("processes", "list", "--attention", "--limit", "1", database=shop)
    assert "Reserving" not in only.stdout
    assert only.stdout.endswith("There are more: raise --limit.\n")


async def test_a_log_that_was_cut_back_under_processes_and_read_models_is_told(
    counterfoil: Counterfoil, shop: str
) -> None:
    """PostgreSQL has seen more than there is, as when only the event store was restored."""
    connection = await asyncpg.connect(shop)
    fine = counterfoil("processes", "list", database=shop)
    assert "The processes stand still" not in fine.stdout
    head = await connection.fetchval("select max(position) from events")
    advance = "insert into processes.process_progress select 'processes/' || n, $1, $2 from generate_series(0, 63) n"
    await connection.execute(advance, head, NOBODY)
    await connection.execute("update projection_builds set position = $1, event_id = null", head + 1)
    await connection.close()

    other = f"The log holds [-0-9a-f]+ at position {head}, not {NOBODY}."
    shorter = f"The log ends at position {head}, before position {head + 1}, which was followed already."
    told = counterfoil("processes", "list", database=shop)
    assert re.search(f"The processes stand still. {other} Nothing is followed until", " ".join(told.stdout.split()))
    seen = json.loads(counterfoil("processes", "list", "--json", database=shop).stdout)
    assert re.match(other, seen["refused"])
    (build,) = json.loads(counterfoil("projections", "list", "--json", database=shop).stdout)
    assert build["error"].startswith(f"Made from another log: {shorter}")
    checked = json.loads(counterfoil("check", "--json", database=shop).stdout)
    (followers,) = [one for one in checked["checks"] if one["claim"] == CLAIM]
    assert (followers["looked_at"], followers["failures"]) == (2, 2)
    assert [example.partition(":")[0] for example in followers["examples"]] == ["processes", "cockpit_b1"]


async def test_what_is_parked_is_shown_and_sent_again_by_its_id(counterfoil: Counterfoil, shop: str) -> None:
    told = counterfoil("processes", "parked", database=shop)
    for word in (str(COMMAND), "payment.request_void.v1", str(ENTRY), "payment.authorised.v1", "KeyError"):
        assert word in told.stdout
    seen = json.loads(counterfoil("processes", "parked", "--json", database=shop).stdout)
    assert [one["command_id"] for one in seen["commands"]] == [str(COMMAND)]
    assert [(one["entry_id"], one["revision"]) for one in seen["inputs"]] == [(str(ENTRY), 1)]

    why = ("--reason", "The gateway answers again")
    sent = [counterfoil("processes", "resend", str(id), *why, database=shop) for id in (COMMAND, ENTRY)]
    assert [(one.returncode, one.stderr) for one in sent] == [(0, "")] * 2
    assert [one.stdout.partition(" has been")[0] for one in sent] == ["The command", "The input"]
    told = counterfoil("processes", "parked", database=shop)
    assert told.stdout.endswith("The cockpit is 2 events behind the log. Do the projections run?\n")

    store = PostgresEventStore(shop, lambda: NOON)
    await store.open()
    for stream, name in ((f"parked-{COMMAND}", "command_resent"), (f"unheard-{ENTRY}", "input_resent")):
        (_, record) = await store.read(stream)
        metadata = codec().decode_event(record).metadata
        assert (record.type, metadata.actor, metadata.reason) == (f"process.{name}.v1", "command-line", why[1])
    await store.close()


async def test_what_is_parked_is_skipped_by_its_id(counterfoil: Counterfoil, shop: str) -> None:
    why = ("--reason", "Settled by phone")
    skipped = [counterfoil("processes", "skip", str(id), *why, database=shop) for id in (COMMAND, ENTRY)]
    assert [(one.returncode, one.stderr) for one in skipped] == [(0, "")] * 2
    assert [one.stdout.partition(" has been")[0] for one in skipped] == ["The command", "The input"]
    refused = counterfoil("processes", "resend", str(COMMAND), *why, database=shop)
    assert (refused.returncode, refused.stdout) == (2, "")


async def test_ids_are_whole_on_a_narrow_terminal(counterfoil: Counterfoil, shop: str) -> None:
    told = counterfoil("processes", "parked", database=shop, COLUMNS="80").stdout
    for word in (str(COMMAND), "payment.request_void.v1", "TimeoutError", str(ENTRY), "2026-11-25 12:00:00"):
        assert word in told


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ("resend", str(NOBODY), "--reason", "x"),
            f"counterfoil: Nothing is parked under {NOBODY}. See: counterfoil processes parked\n",
        ),
        (
            ("list", "--process", "chekout"),
            "counterfoil: --process: no process is called 'chekout'. Did you mean checkout?\n",
        ),
    ],
)
async def test_what_is_not_there_is_refused_in_one_line(
    counterfoil: Counterfoil, shop: str, words: tuple[str, ...], line: str
) -> None:
    done = counterfoil("processes", *words, database=shop)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


async def test_a_cockpit_of_another_version_is_told(counterfoil: Counterfoil, database_url: str) -> None:
    unbuilt = counterfoil("processes", "parked", database=database_url)
    assert (unbuilt.returncode, unbuilt.stderr) == (
        1,
        "counterfoil: The cockpit was not built yet. Build it with: counterfoil run projections\n",
    )
    connection = await asyncpg.connect(database_url)
    await manage.prepare(connection, [replace(PROJECTION, version=1)])
    await connection.close()
    older = counterfoil("processes", "parked", database=database_url)
    assert older.returncode == 1
    assert older.stderr.startswith("counterfoil: Readers read version 1 of the cockpit, this is version 3. ")
    assert older.stderr.endswith(" counterfoil projections switch cockpit\n")
