"""What Redis does for pages that everybody wants: the same visits on a shop without it and on one with it.

All visits go to twenty products, as they do when a letter to all customers names them. Pages that are wanted seldom are
not remembered, and cost what they cost without Redis; `make bench ARGS=page` measures those.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from infra.default_folders import default_cache
from infra.dev_servers.registry import instances, ports
from tests.load.bench import Bench
from tests.load.figures import Figure
from tests.load.folders import temporary_folder
from tests.load.jobs import Job

AT_ONCE = (16, 64)
SETTING = "COUNTERFOIL_REDIS"


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    await bench.quiet()
    with own_redis() as address:
        for name, redis in (("wanted pages, no Redis", None), ("wanted pages, Redis", address)):
            with setting(redis):
                for at_once in AT_ONCE:
                    yield await bench.drive(name, Job(visit="wanted", at_once=at_once, seconds=bench.options.seconds))
                await bench.quiet()


@contextmanager
def own_redis() -> Iterator[str]:
    with temporary_folder() as folder:
        (redis,) = instances(folder, ("redis",))
        try:
            yield redis.start(default_cache(), ports(redis.server, 0))
        finally:
            redis.stop()


@contextmanager
def setting(value: str | None) -> Iterator[None]:
    """For the parts of the shop that is opened meanwhile."""
    before = os.environ.pop(SETTING, None)
    if value is not None:
        os.environ[SETTING] = value
    try:
        yield
    finally:
        os.environ.pop(SETTING, None)
        if before is not None:
            os.environ[SETTING] = before
