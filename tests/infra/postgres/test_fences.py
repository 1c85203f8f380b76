"""A holder that wakes after its lease went over cannot commit, and what it left open keeps no other waiting."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
import structlog

from commands.ports import NO_STREAM, StoreUnavailable
from domain.shared.recorded import Metadata, Position
from infra.eventstore.factory import in_memory_store, open_event_store
from infra.eventstore.postgres.group_commit import BEGIN
from infra.postgres.lease import lease
from infra.postgres.membership import LeaseLost
from infra.postgres.partition_assignment import Assignment, Fence, share_of
from infra.postgres.sessions import Sessions, connect
from infra.processes.fenced import FencedCommands, FencedStore
from infra.processes.progress import PostgresProgress
from infra.projections import manage
from infra.projections.builds import PostgresBuilds
from process_managers.engine.partitions import partition_of
from process_managers.engine.ports import Timer
from projections.engine.builds import Build
from projections.engine.ports import StorageUnavailable
from tests.infra.eventstore.making import event
from tests.support.fixtures.proxy import Wire, until, wire_to
from tests.support.harness.projecting import box_office

WITHIN = 60
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
PIECES = ("box_office", "anna")
SIGNED = Metadata(command_id=UUID(int=1), correlation_id=UUID(int=1), causation_id=UUID(int=1), actor="test")


@pytest.fixture(autouse=True)
def short_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.postgres.membership.TERM", 4.0)
    monkeypatch.setattr("infra.postgres.membership.MARGIN", 1.0)


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Wire]:
    async with wire_to(database_url) as wire:
        yield wire


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@asynccontextmanager
async def all_of_it(url: str, name: str = "work", pieces: Sequence[str] = PIECES) -> AsyncIterator[Assignment]:
    """A member who has taken everything."""
    async with share_of(url, name, pieces) as share:
        async with asyncio.timeout(WITHIN):
            while len(share.mine) < len(pieces):
                await share.uneven()
                await share.settle()
        yield share


async def test_a_batch_left_open_is_cut_off_and_not_committed(
    database_url: str, wire: Wire, connection: asyncpg.Connection
) -> None:
    await manage.prepare(connection, [box_office()])
    (build,) = await manage.builds(connection)

    async def left_open(builds: PostgresBuilds) -> None:
        async with builds.moving([build], Position(0), Position(9)) as tables:
            await tables[build.schema].execute("set local idle_in_transaction_session_timeout = 0")
            await tables[build.schema].execute("insert into {s}.sold values ('hamlet', 1)")
            with wire.silent():
                await taken_over()

    async def taken_over() -> None:
        async with all_of_it(database_url) as second:
            builds = PostgresBuilds(database_url, fence=second.fence)
            async with builds.moving([build], Position(0), Position(5)) as tables:
                await tables[build.schema].execute("insert into {s}.sold values ('hamlet', 2)")
            await builds.close()

    async with all_of_it(wire.url) as first:
        late = PostgresBuilds(database_url, fence=first.fence)
        with pytest.raises(StorageUnavailable):
            await left_open(late)
        assert first.membership.lost.is_set()
        await _refused(late, build)
    assert await connection.fetchval("select position from projection_builds") == 5
    assert await connection.fetchval("select tickets from box_office_b1.sold") == 2


async def test_a_client_that_stops_while_it_manages_builds_keeps_no_one_from_them(
    database_url: str, connection: asyncpg.Connection
) -> None:
    await manage.install(connection)
    frozen = await asyncpg.connect(database_url)
    # The client stops in the middle of a transaction, as frozen ones do.
    with pytest.raises(asyncpg.InterfaceError, match="closed"):
        await _managed_by_two(frozen, connection)
    assert [build.name for build in await manage.builds(connection)] == ["box_office"]
    frozen.terminate()


async def _managed_by_two(first: asyncpg.Connection, second: asyncpg.Connection) -> None:
    async with manage._alone(first):
        await asyncio.wait_for(manage.prepare(second, [box_office()]), WITHIN)


async def _refused(late: PostgresBuilds, build: Build) -> None:
    with pytest.raises(StorageUnavailable) as refused:
        async with late.moving([build], Position(5), Position(9)):
            pytest.fail("Nothing may be written.")
    assert isinstance(refused.value.__cause__, LeaseLost)
    await late.close()


async def test_checkpoint_and_timers_of_processes_are_fenced(database_url: str, wire: Wire) -> None:
    sessions = Sessions(database_url, "test", 2)
    partition = partition_of("anna")
    progress = PostgresProgress(sessions, frozenset({partition}))
    await progress.prepare()
    timer = Timer(process="checkout", instance="anna", name="pay", due=NOON, correlation_id=UUID(int=7))
    async with all_of_it(wire.url, pieces=[str(partition)]) as first:
        late = PostgresProgress(sessions, frozenset({partition}), first.fence)
        await late.advance(Position(3), [timer])
        with wire.silent():
            async with all_of_it(database_url, pieces=[str(partition)]) as second:
                with pytest.raises(LeaseLost):
                    await late.advance(Position(9), [])
                with pytest.raises(LeaseLost):
                    await late.fired([timer])
                ours = PostgresProgress(sessions, frozenset({partition}), second.fence)
                assert (await ours.position(), await ours.due(NOON, 10)) == (Position(3), [timer])
                await ours.advance(Position(5), [])
                await ours.fired([timer])
                assert (await ours.position(), await ours.due(NOON, 10)) == (Position(5), [])
    await sessions.close()


async def test_a_holder_that_cannot_renew_stops_before_another_may_take_over(database_url: str, wire: Wire) -> None:
    async with all_of_it(wire.url) as first:
        with wire.silent(), structlog.testing.capture_logs() as said:
            async with all_of_it(database_url):
                assert not first.fence.valid
                assert first.membership.lost.is_set()
    taken = [line for line in said if line["event"] == "share taken over"]
    assert [(line["of"], line["token"], line["pieces"], line["reason"]) for line in taken] == [
        ("work", first.membership.token, 2, "its term ended")
    ]


async def test_a_lease_of_one_goes_over_when_its_holder_is_silent(database_url: str, wire: Wire) -> None:
    held = list[Fence]()

    async def hold() -> None:
        async with lease(wire.url, "publisher") as fence:
            held.append(fence)
            await asyncio.sleep(WITHIN)

    first = asyncio.create_task(hold())
    await until(lambda: _any(held))
    with wire.silent():
        async with asyncio.timeout(WITHIN), lease(database_url, "publisher"):
            with pytest.raises(LeaseLost):
                await first


async def _any(held: Sequence[Fence]) -> bool:
    return bool(held)


async def test_a_member_that_leaves_in_order_is_not_said_to_be_taken_over(database_url: str) -> None:
    with structlog.testing.capture_logs() as said:
        async with all_of_it(database_url):
            pass
        async with all_of_it(database_url):
            pass
    assert [line["event"] for line in said] == ["lease taken", "share settled", "lease returned"] * 2


async def test_a_runner_whose_term_has_ended_appends_nothing_and_asks_for_nothing(wire: Wire) -> None:
    store, carried_out = in_memory_store(), list[object]()

    async def carry_out(command: object, _metadata: Metadata, /) -> None:
        carried_out.append(command)

    async with all_of_it(wire.url) as first:
        fenced, commands = FencedStore(store, first.fence), FencedCommands(carry_out, first.fence)
        await fenced.append("stock-a", [event()], expected=NO_STREAM)
        await commands("sell", SIGNED)
        with wire.silent():
            await asyncio.wait_for(first.membership.lost.wait(), WITHIN)
            with pytest.raises(StoreUnavailable):
                await fenced.append("stock-a", [event()], expected=0)
            with pytest.raises(StoreUnavailable):
                await commands("sell again", SIGNED)
    assert carried_out == ["sell"]
    assert len(await store.read("stock-a")) == 1
    await store.close()


async def test_a_writer_that_stops_between_the_parts_of_a_statement_does_not_keep_the_log_from_others(
    database_url: str,
) -> None:
    store, _ = await open_event_store(database_url)
    frozen = await connect(database_url, "committer")
    await frozen.execute(BEGIN)
    # Parsed, and neither bound nor executed: to the server this session is active, and its timeouts do not count.
    await frozen.prepare("select 1")
    async with share_of(database_url, "work", PIECES):
        appended = await store.append("stock-a", [event()], expected=NO_STREAM)
    assert appended.revision == 0
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await frozen.execute("commit")
    frozen.terminate()
    await store.close()
