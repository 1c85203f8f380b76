"""`counterfoil events copy`, as a person uses it."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from commands.ports import ANY
from domain.shared.recorded import START, Position
from infra.eventstore.factory import open_event_store
from infra.projections import manage
from projections.registry import PROJECTIONS
from tests.eventstoredb_server.running import running
from tests.infra.cli.conftest import Counterfoil
from tests.infra.eventstore.making import event
from tests.support.builders.auditing import tamper

SAID = "Both logs are the same, hash by hash."


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[str]:
    """An empty EventStoreDB in a process of its own."""
    async with running("--folder", str(tmp_path / "esdb")) as (_, uri):
        yield uri


async def fill(url: str, events: int) -> None:
    store = (await open_event_store(url)).store
    for n in range(events):
        await store.append(f"stock-{n % 3}", [event()], expected=ANY)
    await store.close()


async def test_a_log_moves_and_the_shop_with_it(counterfoil: Counterfoil, database_url: str, target: str) -> None:
    await fill(database_url, 20)
    connection = await asyncpg.connect(database_url)
    await manage.prepare(connection, PROJECTIONS)
    await connection.execute(
        "create schema processes; create table processes.process_progress (runner text primary key, position bigint);"
        "insert into processes.process_progress values ('processes', 12)"
    )

    first = await asyncio.to_thread(
        counterfoil, "events", "copy", "--from", "shop", "--to", target, "--adopt", database=database_url
    )
    again = await asyncio.to_thread(counterfoil, "events", "copy", "--from", database_url, "--to", target)

    assert (first.returncode, first.stdout.splitlines()[0]) == (0, f"20 events copied, 0 were there. {SAID}")
    assert (again.returncode, again.stdout) == (0, f"0 events copied, 20 were there. {SAID}\n")
    moved = (await open_event_store(target)).store
    twelfth = (await moved.read_all(after=START, limit=12)).position
    await moved.close()
    assert Position(await connection.fetchval("select position from processes.process_progress")) == twelfth
    assert await manage.builds(connection) == []
    assert await connection.fetchval("select count(*) from information_schema.schemata where schema_name ~ '_1$'") == 0
    await connection.close()


async def test_a_shop_that_runs_is_not_moved(counterfoil: Counterfoil, database_url: str, target: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("select pg_advisory_lock(hashtextextended('processes', 0))")
    words = ("events", "copy", "--from", "shop", "--to", target, "--adopt")
    done = await asyncio.to_thread(counterfoil, *words, database=database_url)
    assert (done.returncode, done.stderr) == (2, "counterfoil: The processes of this shop run. Stop the shop first.\n")
    await connection.close()


async def test_a_target_that_holds_something_else_is_refused(
    counterfoil: Counterfoil, database_url: str, target: str
) -> None:
    await fill(database_url, 3)
    await fill(target, 1)
    done = await asyncio.to_thread(counterfoil, "events", "copy", "--from", database_url, "--to", target)
    assert done.returncode == 1
    assert re.match(r"counterfoil: The target holds something else .* Else copy to an empty store\.\n$", done.stderr)


async def test_an_older_copy_is_compared_and_left_as_it_is(
    counterfoil: Counterfoil, database_url: str, tmp_path: Path
) -> None:
    await fill(database_url, 5)
    words = ("events", "copy", "--from", "shop", "--to", f"sqlite:///{tmp_path}/copy.db")
    copied = await asyncio.to_thread(counterfoil, *words, database=database_url)
    assert (copied.returncode, copied.stdout) == (0, f"5 events copied, 0 were there. {SAID}\n")
    await fill(database_url, 2)
    for _ in range(2):
        done = await asyncio.to_thread(counterfoil, *words, "--dry-run", database=database_url)
        said = "5 events are the same in both, up to position 5 of the source. 2 more would be copied.\n"
        assert (done.returncode, done.stdout) == (0, said)
    connection = await asyncpg.connect(database_url)
    await tamper(connection, "delete from events where position > 4")
    await connection.close()
    done = await asyncio.to_thread(counterfoil, *words, "--dry-run", database=database_url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("counterfoil: The target holds more than the source. If it is an older copy")
    both = await asyncio.to_thread(counterfoil, *words, "--dry-run", "--adopt", database=database_url)
    assert (both.returncode, both.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://x", "is no event store"),
        ("esdb://localhost:2113", "Username and password are required"),
    ],
)
def test_a_target_that_cannot_be_opened_is_told_in_one_line(
    counterfoil: Counterfoil, tmp_path: Path, url: str, said: str
) -> None:
    done = counterfoil("events", "copy", "--from", f"sqlite:///{tmp_path}/a.db", "--to", url)
    assert done.returncode in (1, 2)
    assert re.search(said, done.stderr), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
