"""The log on the command line: one stream for people, all of it for analysts."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from commands.ports import NO_STREAM, NewEvent
from domain.shared.recorded import Metadata
from infra.eventstore.postgres.store import PostgresEventStore
from tests.infra.cli.conftest import Counterfoil

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
ONE, TWO = UUID(int=1), UUID(int=2)


def received(event_id: UUID, quantity: int) -> NewEvent:
    metadata = Metadata(command_id=ONE, correlation_id=ONE, causation_id=ONE, actor="ann", reason="delivery")
    data = b'{"sku":"MUG","warehouse":"MAIN","quantity":%d}' % quantity
    return NewEvent(event_id, "stock.received.v1", data, metadata)


@pytest.fixture
async def log(database_url: str) -> str:
    times = iter([NOON, NOON.replace(hour=13)])
    store = PostgresEventStore(database_url, lambda: next(times))
    await store.open()
    await store.append("stock-MUG@MAIN", [received(ONE, 3)], expected=NO_STREAM)
    await store.append("stock-CUP@MAIN", [received(TWO, 5)], expected=NO_STREAM)
    await store.close()
    return database_url


async def test_a_stream_is_told_as_a_table(counterfoil: Counterfoil, log: str) -> None:
    done = counterfoil("history", "stock-MUG@MAIN", database=log)
    assert done.returncode == 0
    for word in ("stock.received.v1", "2026-11-25 12:00:00", "ann", "delivery", '"quantity":3'):
        assert word in done.stdout


async def test_the_reason_that_an_event_holds_is_told_beside_the_actor(
    counterfoil: Counterfoil, database_url: str
) -> None:
    store = PostgresEventStore(database_url, lambda: NOON)
    await store.open()
    metadata = Metadata(command_id=ONE, correlation_id=ONE, causation_id=ONE, actor="ann")
    cancelled = NewEvent(ONE, "order.cancelled.v1", b'{"order_id":"O1","reason":"broken"}', metadata)
    await store.append("order-O1", [cancelled], expected=NO_STREAM)
    await store.close()
    done = counterfoil("history", "order-O1", database=database_url)
    assert "#0  2026-11-25 12:00:00 UTC  position 1  ann, broken" in done.stdout.splitlines()


async def test_a_stream_is_told_as_json_lines(counterfoil: Counterfoil, log: str) -> None:
    done = counterfoil("history", "stock-MUG@MAIN", "--json", database=log)
    (event,) = map(json.loads, done.stdout.splitlines())
    assert event.pop("metadata")["actor"] == "ann"
    assert event == {
        "position": 1,
        "stream": "stock-MUG@MAIN",
        "revision": 0,
        "id": str(ONE),
        "type": "stock.received.v1",
        "data": {"sku": "MUG", "warehouse": "MAIN", "quantity": 3},
    }


async def test_an_unknown_stream_is_refused(counterfoil: Counterfoil, log: str) -> None:
    done = counterfoil("history", "stock-POT@MAIN", database=log)
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "counterfoil: There is no stream 'stock-POT@MAIN'. See some with: counterfoil replay --limit 20\n",
    )


@pytest.mark.parametrize(
    ("words", "positions"),
    [
        ([], [1, 2]),
        (["--after", "1"], [2]),
        (["--limit", "1"], [1]),
        (["--types", "stock.received.v1,order.placed.v3"], [1, 2]),
        (["--types", "order.placed.v3"], []),
        (["--category", "stock"], [1, 2]),
        (["--category", "order"], []),
        (["--from", "2026-11-25T12:30:00Z"], [2]),
        (["--to", "2026-11-25T13:00:00Z"], [1]),
        (["--from", "2026-11-25", "--to", "2026-11-26"], [1, 2]),
    ],
)
async def test_the_log_is_replayed_in_order(
    counterfoil: Counterfoil, log: str, words: list[str], positions: list[int]
) -> None:
    done = counterfoil("replay", *words, database=log)
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line)["position"] for line in done.stdout.splitlines()] == positions


async def test_the_log_is_replayed_into_a_file(counterfoil: Counterfoil, log: str, tmp_path: Path) -> None:
    done = counterfoil("replay", "--out", str(tmp_path / "log.jsonl"), database=log)
    assert (done.returncode, done.stdout) == (0, "")
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 2
