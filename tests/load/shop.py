"""The shop under test: an embedded PostgreSQL and the parts that `counterfoil run` runs, each in its own process."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import msgspec

from domain.shared.recorded import Position
from infra.bootstrap import composition
from infra.bootstrap.data_folder import claimed, with_secrets
from infra.bootstrap.local_stack import PARTS, free_port, parts_of, workers_of
from infra.bootstrap.supervisor import Part, Supervisor
from infra.demo.client import ShopClient
from infra.postgres.embedded import EmbeddedPostgres
from infra.projections import manage
from infra.projections.active import ActiveBuilds
from infra.settings import Settings
from projections.engine.builds import Status
from projections.registry import PROJECTIONS
from tests.e2e.shop import RUN
from tests.load.goods import import_once, on_sale, receive_once
from tests.load.jobs import Job
from tests.load.processor import children_of, megabytes_of, seconds_of, seconds_of_server

CATCHING_UP = 900.0
LOOK_EVERY = 0.2
GENERATORS = "127.0.0.1"
"""Where the load generators are: visitors of pages have an address each, which they tell."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Shop:
    """An open shop with its catalogue."""

    settings: Settings
    server: EmbeddedPostgres
    parts: Sequence[Part]
    goods: Path

    @property
    def url(self) -> str:
        return str(self.settings.database)

    def told(self, job: Job) -> Job:
        """The job, with where to find us."""
        secret = self.settings.token_secret
        assert secret is not None
        return msgspec.structs.replace(
            job,
            write_port=self.settings.write_port,
            read_port=self.settings.read_port,
            secret=secret.get_secret_value(),
            goods=job.goods or str(self.goods),
        )

    def client(self) -> ShopClient:
        settings = self.settings
        return ShopClient(composition.write_url(settings), composition.read_url(settings), composition.tokens(settings))

    def cpu(self) -> dict[str, float]:
        """Seconds of processor time of each part up to now."""
        spent = dict.fromkeys(PARTS, 0.0)
        for part, pid in self._processes():
            spent[_kind(part)] += seconds_of(pid)
        return {
            **spent,
            "api": spent["write-api"] + spent["read-api"],
            "postgres": seconds_of_server(self.server.pid()),
        }

    def megabytes(self) -> dict[str, float]:
        """What each part holds in memory now."""
        held = dict.fromkeys(PARTS, 0.0)
        for part, pid in self._processes():
            held[_kind(part)] += round(megabytes_of(pid), 1)
        server = self.server.pid()
        return held | {"postgres": round(sum(map(megabytes_of, (server, *children_of(server)))), 1)}

    def _processes(self) -> list[tuple[Part, int]]:
        return [(part, part.process.pid) for part in self.parts if part.process is not None]

    async def database(self, query: str) -> int:
        """One number."""
        connection = await asyncpg.connect(self.url)
        number: int = await connection.fetchval(query)
        await connection.close()
        return number

    async def caught_up(self) -> None:
        """Wait until the read models stand where the log ends now."""
        head = await self.database("select coalesce(max(position), 0) from events")
        await _read_models_at(self.url, head)


@asynccontextmanager
async def open_shop(
    folder: Path, products: int | None, say: Say, run: Sequence[str] = RUN, workers: int | None = None
) -> AsyncIterator[Shop]:
    """Import what is missing of the catalogue, and open when every read model knows it."""
    write, read, web = (free_port("127.0.0.1", 0) for _ in range(3))
    with claimed(folder):
        chosen = Settings(data=folder, write_port=write, read_port=read, web_port=web, workers=workers)
        settings = with_secrets(chosen.model_copy(update={"test_gateway": True, "trusted_proxies": (GENERATORS,)}))
        server = EmbeddedPostgres(folder)
        settings = settings.model_copy(update={"database": server.start()})
        supervisor = Supervisor(_parts(settings, run), say)
        try:
            await import_once(settings, products, say)
            await supervisor.start()
            await _switched(str(settings.database))
            shop = Shop(settings, server, supervisor.parts, settings.data / "goods.json")
            await shop.caught_up()
            goods = await on_sale(shop.url)
            shop.goods.write_bytes(msgspec.json.encode(goods))
            await receive_once(settings, goods)
            await shop.caught_up()
            yield shop
        finally:
            await supervisor.stop()
            server.stop()


async def _switched(url: str) -> None:
    """Let readers read the read models of this code, where the folder was filled by an older one."""
    ours = {(projection.name, projection.version) for projection in PROJECTIONS}
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(CATCHING_UP):
            while True:
                builds = [build for build in await manage.builds(connection) if (build.name, build.version) in ours]
                if len([build for build in builds if build.status is Status.ACTIVE]) == len(ours):
                    return
                for build in builds:
                    with suppress(manage.NotCaughtUp):
                        await manage.switch(connection, build.name, build.number)
                await asyncio.sleep(LOOK_EVERY)
    finally:
        await connection.close()


async def _read_models_at(url: str, head: int) -> None:
    names = [projection.name for projection in PROJECTIONS]
    async with ActiveBuilds(url) as models:
        reached = await models.wait_for(names, Position(head), CATCHING_UP)
    if behind := [name for name in names if reached[name] < head]:
        raise TimeoutError(f"{', '.join(behind)} did not catch up")


def _parts(settings: Settings, run: Sequence[str]) -> list[Part]:
    """As `counterfoil up` starts them, but for what runs them."""
    parts = [part for name in PARTS for part in parts_of(name, settings, workers_of(name, settings))]
    for part in parts:
        part.command = [sys.executable, *run, *part.command[1 + len(RUN) :]]
    return parts


def _kind(part: Part) -> str:
    return next(name for name in PARTS if part.name.startswith(name))
