"""The commands that docs/hash-chain.md gives to auditors, as they stand there, find what no hash shows."""

import asyncio
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import asyncpg
import pytest

from commands.ports import EventStore
from infra.projections import manage
from tests.infra.cli.conftest import Counterfoil
from tests.support.builders.auditing import SHOP, built, written
from tests.support.builders.forging import Row, forge
from tests.support.builders.sale import sale
from tests.support.harness.projecting import connection, store

__all__ = ["connection", "store"]

PAGE = Path(__file__).parents[3] / "docs" / "hash-chain.md"
COPY, COMPARE = (line for line in PAGE.read_text().splitlines() if line.startswith("counterfoil events copy "))
(CHECK,) = (line for line in PAGE.read_text().splitlines() if line.startswith("counterfoil check --expect "))
FOLDER = "/var/audit"

Run = Callable[[str], CompletedProcess[str]]


@pytest.fixture
async def shop(database_url: str, store: EventStore) -> EventStore:
    for append in (*SHOP.opening(), *sale(SHOP, 1).delivered()):
        await written(store, append)
    await built(database_url, store)
    return store


@pytest.fixture
def run(counterfoil: Counterfoil, database_url: str, tmp_path: Path) -> Run:
    def run(command: str) -> CompletedProcess[str]:
        _, *words = shlex.split(command.replace(FOLDER, str(tmp_path)))
        return counterfoil(*words, database=database_url)

    return run


def cut_tail(log: list[Row]) -> list[Row]:
    return log[:-1]


def closed_gap(log: list[Row]) -> list[Row]:
    return [row for row in log if row.stream != "stock-S00011@MAIN"]


def forged_append(log: list[Row]) -> list[Row]:
    """One more receipt, before the last event of the log."""
    like = next(row for row in log if row.stream == "stock-S00011@MAIN")
    receipt = replace(like, event_id="0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69").at(log[-2].recorded_at)
    return [*log[:-1], receipt, log[-1]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (cut_tail, "The target holds more than the source."),
        (closed_gap, "The target holds something else where the source holds "),
        (forged_append, "The target holds something else where the source holds stock-S00011@MAIN at revision 1 "),
    ],
)
async def test_what_passes_check_is_found(
    shop: EventStore,
    run: Run,
    database_url: str,
    connection: asyncpg.Connection,
    change: Callable[[list[Row]], list[Row]],
    said: str,
) -> None:
    copied = await asyncio.to_thread(run, COPY)
    assert copied.returncode == 0, copied.stderr
    compared = await asyncio.to_thread(run, COMPARE)
    assert (compared.returncode, compared.stdout.rpartition(". ")[2]) == (0, "0 more would be copied.\n")
    before = await asyncio.to_thread(run, "counterfoil check")
    (digest,) = (word for word in before.stdout.split() if "@" in word)
    expecting = CHECK.replace("DIGEST@POSITION", digest)
    assert (await asyncio.to_thread(run, expecting)).returncode == 0

    await forge(connection, change)
    await manage.drop_all(connection)
    await built(database_url, shop)

    assert (await asyncio.to_thread(run, "counterfoil check")).returncode == 0
    assert (await asyncio.to_thread(run, expecting)).returncode == 1
    for command in (COMPARE, COPY):
        found = await asyncio.to_thread(run, command)
        assert (found.returncode, found.stdout) == (1, "")
        assert said in found.stderr
