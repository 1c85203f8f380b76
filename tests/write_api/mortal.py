"""A write API that dies at a chosen moment, as by `kill -9`: `python -m tests.write_api.mortal append! 1`.

Moments are those of tests.support.fixtures.watched: `append?` is just before the first append, `append!` just after it
and before the answer; `never` lives on. The number says how many such moments pass before. It prints its port when it
listens; settings come from the environment.
"""

import asyncio
import os
import socket
import sys
from signal import SIGKILL

import uvicorn

from infra.bootstrap.write_api import write_side
from infra.settings import Settings
from tests.support.fixtures.watched import WatchedStore


async def main(moment: str, spared: int) -> None:
    left = iter(range(spared))

    async def point(now: str) -> None:
        if now == moment and next(left, None) is None:
            os.kill(os.getpid(), SIGKILL)

    async with write_side(Settings()) as app:
        handler = app.app.state.ports.handler  # type: ignore[attr-defined]
        handler.store = WatchedStore(handler.store, point)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            sys.stdout.write(f"{listening.getsockname()[1]}\n")
            sys.stdout.flush()
            await uvicorn.Server(uvicorn.Config(app, log_config=None)).serve([listening])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
