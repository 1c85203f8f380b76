"""Times that run backwards are found by themselves; what has right hashes and times, by a digest that was noted."""

from collections.abc import Callable

import asyncpg
import pytest

from commands.ports import EventStore
from domain.shared.recorded import Position
from infra.audit.stream_heads import HeadDigest
from infra.audit.verdict import Verdict
from infra.eventstore.capabilities import Capabilities
from tests.support.builders.auditing import SHOP, failed, received, verdict, written
from tests.support.builders.forging import Row, forge, renumbered
from tests.support.builders.sale import sale

TIMES = "the time of recording never runs backwards"
NOTED = "stream heads have the digests that were noted"
BY_STREAM = Capabilities(gapless=True, ids_across_streams=True, looks_back=None, times_in_order=False)
EARLY = "2026-01-01T00:00:00.000000Z"
LATE = "2099-01-01T00:00:00.000000Z"

Change = Callable[[list[Row]], list[Row]]


@pytest.fixture
async def filled(store: EventStore) -> EventStore:
    for append in (*SHOP.opening(), *sale(SHOP, 1).delivered()):
        await written(store, append)
    return store


def back_dated(log: list[Row]) -> list[Row]:
    return [row.at(EARLY) if row.position == 30 else row for row in log]


def dated_later(log: list[Row]) -> list[Row]:
    return [row.at(LATE) if row.position == 30 else row for row in log]


def swapped(log: list[Row]) -> list[Row]:
    times = {30: log[30].recorded_at, 31: log[29].recorded_at}
    return [row.at(times.get(row.position, row.recorded_at)) for row in log]


def rewritten(log: list[Row]) -> list[Row]:
    return [row.at("yesterday") if row.position == 30 else row for row in log]


@pytest.mark.parametrize(("change", "position"), [(back_dated, 30), (dated_later, 31), (swapped, 31), (rewritten, 30)])
async def test_a_time_that_runs_backwards_is_found(
    database_url: str, filled: EventStore, connection: asyncpg.Connection, change: Change, position: int
) -> None:
    await forge(connection, change)
    found = failed(await verdict(database_url, filled))
    assert [place.partition(":")[0] for place in found[TIMES]][:1] == [f"Position {position}"]
    assert set(found) <= {TIMES, "every record is understood"}


async def test_a_store_of_several_clocks_keeps_times_in_each_stream(
    database_url: str, filled: EventStore, connection: asyncpg.Connection
) -> None:
    log = await forge(connection, back_dated)
    assert log[29].revision == 0
    whole = Position(len(log))
    assert failed(await verdict(database_url, filled, capabilities=BY_STREAM)) == {}
    assert failed(await verdict(database_url, filled, moved=whole)) == {}
    assert set(failed(await verdict(database_url, filled, moved=Position(29)))) == {TIMES}
    await forge(connection, lambda log: [row.at(LATE) if row.position == 13 else row for row in log])
    assert (log[12].stream, log[13].stream) == ("product-P0", "product-P0")
    found = failed(await verdict(database_url, filled, moved=whole))
    assert [place.partition(":")[0] for place in found[TIMES]] == ["Position 14"]


async def noted(url: str, store: EventStore) -> HeadDigest:
    return HeadDigest.parse(str((await verdict(url, store)).heads))


async def test_a_digest_holds_however_the_log_goes_on(database_url: str, filled: EventStore) -> None:
    first = await noted(database_url, filled)
    await written(filled, *received(3))
    second = await noted(database_url, filled)
    await written(filled, *sale(SHOP, 2).delivered())
    last = await noted(database_url, filled)
    proven = await verdict(database_url, filled, expected=[last, second, first])
    assert failed(proven) == {}
    assert looked_at(proven) == 3
    assert first.digest != second.digest


def looked_at(proven: Verdict) -> int:
    (check,) = (check for check in proven.checks if check.claim == NOTED)
    return check.looked_at


def without_a_stream(log: list[Row]) -> list[Row]:
    return [row for row in log if row.stream != "stock-S00001@MAIN"]


def cut(log: list[Row]) -> list[Row]:
    return log[:-2]


def appended(log: list[Row]) -> list[Row]:
    """In the midst: one more receipt, that never was."""
    like = next(row for row in log if row.stream == "stock-S00001@MAIN")
    forged = Row(0, like.stream, 0, "0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69", like.type, like.data, like.metadata)
    return [*log[: like.position], forged.at(log[like.position].recorded_at), *log[like.position :]]


def changed(log: list[Row]) -> list[Row]:
    row = log[-1]
    return [
        *log[:-1],
        Row(row.position, row.stream, row.revision, row.event_id, row.type, row.data + " ", row.metadata),
    ]


@pytest.mark.parametrize("change", [without_a_stream, cut, appended, changed])
async def test_a_noted_digest_finds_what_hashes_and_times_do_not(
    database_url: str, filled: EventStore, connection: asyncpg.Connection, change: Change
) -> None:
    before = await noted(database_url, filled)
    log = await forge(connection, change)
    assert log == renumbered(log)
    found = failed(await verdict(database_url, filled, expected=[before]))
    assert NOTED in found
    assert TIMES not in found
    proof_of_records = {"positions rise, and none is missing", "every record proves itself and its predecessor by hash"}
    assert proof_of_records.isdisjoint(found)
    if change is cut:
        assert found[NOTED] == [f"{before} was noted, and the log ends at position {len(log)}."]


@pytest.mark.parametrize("text", ["", "abc@1", "0" * 64, f"{'0' * 64}@", f"{'0' * 64}@-1", f"{'G' * 64}@1"])
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits, @ and a position"):
        HeadDigest.parse(text)
