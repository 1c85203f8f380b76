"""One holder at a time: a work of one piece."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.postgres.membership import LeaseLost
from infra.postgres.partition_assignment import Fence, share_of


@asynccontextmanager
async def lease(dsn: str, name: str) -> AsyncIterator[Fence]:
    """Wait until no other member holds the lease `name`, hold it, and run the body.

    When it is lost the body is cancelled, and LeaseLost raised.
    """
    async with share_of(dsn, name, [name]) as share:
        while not share.mine:
            await share.uneven()
            await share.settle()
        body = asyncio.current_task()
        assert body is not None
        watching = asyncio.create_task(_cancelled_when(share.membership.lost, body))
        try:
            yield share.fence
        except asyncio.CancelledError:
            if watching.done() and body.uncancel() == 0:
                raise LeaseLost(name) from None
            raise
        finally:
            watching.cancel()


async def _cancelled_when(lost: asyncio.Event, body: "asyncio.Task[object]") -> None:
    await lost.wait()
    body.cancel()
