"""An EventStoreDB that dies under load."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from infra.eventstore.eventstoredb.store import EventStoreDB
from infra.eventstore.factory import utc_now
from tests.eventstoredb_server.running import running
from tests.infra.eventstore.acknowledged import Acknowledged, assert_kept
from tests.infra.eventstore.making import event, whole_log
from tests.infra.eventstore.test_following import follow
from tests.support.fixtures.proxy import until


async def test_a_killed_server_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    async with AsyncExitStack() as cleaning:
        folder = ("--folder", str(tmp_path))
        process, uri = await cleaning.enter_async_context(running(*folder))
        store = EventStoreDB(uri, utc_now, patience=60)
        cleaning.push_async_callback(store.close)
        told, writers, appends = list[Acknowledged](), 6, 50
        following = asyncio.create_task(follow(store, 2 * writers * appends))

        async def write(writer: int) -> None:
            for n in range(appends):
                events = [event(), event()]
                at = await store.append(f"stock-{writer}", events, expected=2 * n - 1)
                ids = tuple(e.event_id for e in events)
                told.append(Acknowledged(at.position, f"stock-{writer}", at.revision, ids))

        writing = asyncio.gather(*(write(writer) for writer in range(writers)))
        port = uri.split(":")[2].split("?")[0]
        for kills in (1, 2):

            async def enough(wanted: int = kills * 80) -> bool:
                return len(told) >= wanted

            await until(enough)
            process.kill()
            await process.wait()
            assert not writing.done()
            process, _ = await cleaning.enter_async_context(running(*folder, "--port", port))
        await writing

        log = await whole_log(store)
        assert_kept(told, log)
        assert len(log) == 2 * len(told) == 2 * writers * appends
        assert await following == log
