"""Runs outings against a database until it is killed: `python -m tests.infra.processes.outings URL`."""

import asyncio
import sys
from dataclasses import replace

from commands.handler import CommandHandler
from infra.bootstrap.parts import Ready, again_and_again
from infra.eventstore.factory import open_event_store, utc_now
from infra.postgres.partition_assignment import Fence, share_work
from infra.postgres.sessions import Sessions
from infra.processes.fenced import FencedCommands, FencedStore
from infra.processes.progress import PostgresProgress
from infra.serialization.codec import JsonCodec
from process_managers.engine.partitions import PARTITIONS
from process_managers.engine.runner import Limits, Runner
from tests.support.harness.outing import outing, waiting_list
from tests.support.harness.process_harness import ROUTES


async def main(url: str) -> None:
    store, snapshots = await open_event_store(url)
    progress = PostgresProgress(Sessions(url, "outings", 1))
    await progress.prepare()
    runner = Runner(
        store=store,
        codec=JsonCodec(),
        processes=(outing, waiting_list),
        progress=progress,
        commands=CommandHandler(store, JsonCodec(), snapshots, ROUTES),
        clock=utc_now,
        routes=ROUTES,
        limits=Limits(beat=0.05, page=20, under_way=50),
    )

    async def drive(fence: Fence, stop: asyncio.Event) -> None:
        ours = frozenset(map(int, fence.pieces))
        fenced = replace(
            runner,
            store=FencedStore(runner.store, fence),
            commands=FencedCommands(runner.commands, fence),
            partitions=ours,
            progress=replace(progress, partitions=ours, fence=fence),
        )
        await fenced.run(stop)

    async def work(up: Ready) -> None:
        up()
        await share_work(url, "processes", list(map(str, range(PARTITIONS))), drive)

    await again_and_again(work)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
