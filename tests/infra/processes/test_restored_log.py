"""An EventStoreDB that was restored from its backup, under processes that had seen more."""

import asyncio
import re
import shutil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from commands.ports import NO_STREAM, Seen
from infra.eventstore.eventstoredb.store import EventStoreDB
from infra.eventstore.factory import utc_now
from infra.http.checkout_admission import ALL, MANY, look_of
from infra.postgres.sessions import Sessions
from infra.processes.progress import PostgresProgress
from process_managers.engine.recognising import recognised
from tests.eventstoredb_server import Server
from tests.infra.eventstore.making import event
from tests.support.fixtures.proxy import until

OPERATIONS = (Path(__file__).parents[3] / "docs/backup.md").read_text()
(AS_DOCUMENTED,) = re.findall(r"`(update processes\.process_progress [^`]*;)`", OPERATIONS)


@pytest.mark.parametrize("since", [0, 9], ids=["shorter", "other"])
async def test_processes_wait_for_their_log_and_no_checkouts_begin_meanwhile(
    database_url: str, tmp_path: Path, since: int
) -> None:
    sessions = Sessions(database_url, "test", 2)
    progress = PostgresProgress(sessions)
    await progress.prepare()
    async with Server(folder=tmp_path / "log") as server:
        store = EventStoreDB(server.uri, utc_now)
        await store.append("stock-a", [event()], expected=NO_STREAM)
        kept = await store.head()
        shutil.copytree(tmp_path / "log", tmp_path / "backup")
        at = await store.append("stock-a", [event(), event()], expected=0)
        await progress.advance(at.position, [], await store.event_at(at.position))
        assert await recognised(store.event_at, progress, asyncio.Event())
        await store.close()

    look = look_of(sessions, MANY)
    async with Server(folder=tmp_path / "backup") as server:
        store = EventStoreDB(server.uri, utc_now)
        for number in range(since):
            await store.append(f"stock-{number}", [event()], expected=NO_STREAM)
        stop = asyncio.Event()
        with capture_logs() as logs:
            waiting = asyncio.create_task(recognised(store.event_at, progress, stop))

            async def turned_away() -> bool:
                return await look() >= ALL

            await until(turned_away)
        assert [(one["event"], one["log_level"]) for one in logs] == [("log not followed", "error")]
        assert not waiting.done()
        assert await progress.position() == at.position
        stop.set()
        assert not await waiting

        await sessions.persistently(lambda c: c.execute(AS_DOCUMENTED.replace("POSITION", str(kept))), 5)
        assert await recognised(store.event_at, progress, asyncio.Event())
        assert await progress.seen() == {Seen(kept, await store.event_at(kept))}
        await store.close()
    await sessions.close()
