"""A log with what this version cannot read: the parts as they are really started, and the commands of operators."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid5

import asyncpg
import pytest

from commands.ports import ANY, NewEvent
from domain.shared.journal import CommandParked, Envelope, JournalEntry
from domain.shared.messages import name_of
from domain.shared.recorded import START, Metadata, Position
from infra.bootstrap.composition import codec
from infra.eventstore.postgres.store import PostgresEventStore
from infra.projections.active import ActiveBuilds
from projections.registry import PROJECTIONS
from tests.infra.cli.conftest import Counterfoil
from tests.support.builders.auditing import tamper
from tests.support.builders.stored_names import ROOT, declared, messages
from tests.support.harness.projecting import PATIENCE, reached

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOBODY, STRANGE = UUID(int=1), UUID(int=2)
RECEIVED = b'{"sku":"MUG","warehouse":"MAIN","quantity":%s}'
DEEP = (RECEIVED % b"5").decode().replace("}", ',"why":' + "[" * 3000 + "]" * 3000 + "}")
MODELS = [projection.name for projection in PROJECTIONS]


def parked(number: int, command: object) -> bytes:
    return codec().encode(
        CommandParked(
            process="checkout",
            instance=f"o{number}",
            command_id=UUID(int=1000 + number),
            command=Envelope(command),
            error="Down",
            attempts=10,
        )
    )


COMMANDS = [message for message in messages() if name_of(message) in declared("command")]
UNKNOWN = parked(1, COMMANDS[0]).replace(name_of(COMMANDS[0]).encode(), b"gateway.vanished.v9")
LOG = [
    *((f"parked-{UUID(int=1000 + n)}", "process.command_parked.v1", parked(n, it)) for n, it in enumerate(COMMANDS)),
    ("stock-HUGE@MAIN", "stock.received.v1", RECEIVED % str(2**63).encode()),
    ("stock-DEEP@MAIN", "stock.received.v1", RECEIVED % b"5"),
    ("stock-TEXT@MAIN", "stock.received.v1", RECEIVED % b'"five"'),
    ("stock-NAME@MAIN", "stock.vanished.v9", b"{}"),
    (f"parked-{STRANGE}", "process.command_parked.v1", UNKNOWN),
    *((f"stock-{sku}@MAIN", "stock.received.v1", RECEIVED % b"5") for sku in ("HUGE", "DEEP", "TEXT", "NAME", "MUG")),
]
"""Every command that can be parked, what nobody can read or take in, and behind that what everybody can."""


@pytest.fixture
async def shop(database_url: str) -> str:
    store = PostgresEventStore(database_url, lambda: NOON)
    await store.open()
    signed = Metadata(command_id=NOBODY, correlation_id=NOBODY, causation_id=NOBODY, actor="tests")
    for number, (stream, name, data) in enumerate(LOG):
        await store.append(stream, [NewEvent(uuid5(NOBODY, str(number)), name, data, signed)], expected=ANY)
    await store.close()
    connection = await asyncpg.connect(database_url)
    await tamper(connection, f"update events set data = '{DEEP}' where stream = 'stock-DEEP@MAIN' and revision = 0")
    await connection.close()
    return database_url


@asynccontextmanager
async def part(name: str, database: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`counterfoil run NAME`, ended at the end of the block."""
    clean = {it: value for it, value in os.environ.items() if not it.startswith("COUNTERFOIL_")}
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "infra.cli.main", "run", name),
        env={**clean, "COUNTERFOIL_DATA": str(folder), "COUNTERFOIL_DATABASE": database},
        cwd=ROOT,
        stdout=(folder / f"{name}.log").open("wb"),
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.terminate()
        await running.wait()


async def test_what_cannot_be_read_is_parked_alone_and_operators_are_told_in_plain_words(
    counterfoil: Counterfoil, shop: str, tmp_path: Path
) -> None:
    async with part("projections", shop, tmp_path) as running:
        async with ActiveBuilds(shop) as active:
            assert await reached(active, MODELS, Position(len(LOG)))
        assert running.returncode is None
    log = (tmp_path / "projections.log").read_text()
    assert log.count("event parked") == 8

    shown = json.loads(counterfoil("processes", "parked", "--limit", "1000", "--json", database=shop).stdout)
    assert {one["command"] for one in shown["commands"]} == set(declared("command"))

    told = counterfoil("projections", "list", database=shop)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.endswith("See: counterfoil projections parked\n")
    stopped = json.loads(counterfoil("projections", "parked", "--json", database=shop).stdout)
    assert sorted((one["name"], one["stream"], one["type"], one["held_back"]) for one in stopped) == [
        ("cockpit", f"parked-{STRANGE}", "process.command_parked.v1", 0),
        ("cockpit", "stock-NAME@MAIN", "stock.vanished.v9", 0),
        ("search", "stock-DEEP@MAIN", "stock.received.v1", 1),
        ("search", "stock-HUGE@MAIN", "stock.received.v1", 1),
        ("search", "stock-TEXT@MAIN", "stock.received.v1", 1),
        ("stock_levels", "stock-DEEP@MAIN", "stock.received.v1", 1),
        ("stock_levels", "stock-HUGE@MAIN", "stock.received.v1", 1),
        ("stock_levels", "stock-TEXT@MAIN", "stock.received.v1", 1),
    ]


async def test_a_command_of_an_unknown_name_cannot_be_sent_again_and_check_says_what_it_is(
    counterfoil: Counterfoil, shop: str
) -> None:
    sent = counterfoil("processes", "resend", str(STRANGE), "--reason", "again", database=shop)
    assert (sent.returncode, sent.stdout) == (1, "")
    assert sent.stderr == (
        f"counterfoil: process.command_parked.v1 in parked-{STRANGE} at revision 0 cannot be read: No event or command "
        "is called gateway.vanished.v9. Is this version older than the log?\n"
    )
    checked = counterfoil("check", database=shop)
    assert (checked.returncode, "Traceback" in checked.stderr) == (1, False)
    for name in ("gateway.vanished.v9", "stock.vanished.v9"):
        assert f"is called {name}. Is this version older than the log?" in checked.stdout


async def test_processes_park_an_entry_of_another_version_and_go_on(database_url: str, tmp_path: Path) -> None:
    entry = codec().encode(
        JournalEntry(
            process="checkout",
            instance="o1",
            input_id=NOBODY,
            input=Envelope(COMMANDS[0]),
            input_at=NOON,
            asked=(),
            alarms=(),
            phase="Waiting",
            attention=None,
        )
    )
    store = PostgresEventStore(database_url, lambda: NOON)
    await store.open()
    signed = Metadata(command_id=NOBODY, correlation_id=NOBODY, causation_id=NOBODY, actor="process:checkout")
    unknown = entry.replace(name_of(COMMANDS[0]).encode(), b"gateway.vanished.v9")
    await store.append("checkout-o1", [NewEvent(NOBODY, "process.heard.v1", unknown, signed)], expected=ANY)
    async with part("processes", database_url, tmp_path) as running, asyncio.timeout(PATIENCE):
        async for page in store.subscribe(after=START, types=["process.input_parked.v2"]):
            if page.records:
                break
        assert running.returncode is None
    told = codec().decode_event(page.records[0]).fact
    assert (told.process, told.stream, told.error) == ("log", "checkout-o1", "UnknownEvent")
    assert running.returncode == 0
    await store.close()
