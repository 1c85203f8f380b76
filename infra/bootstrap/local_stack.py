"""The whole shop on one machine: the embedded PostgreSQL and one process for each part."""

import asyncio
import errno
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from ipaddress import ip_address

from infra.bootstrap.data_folder import claimed, replace_first_vault_key, with_secrets
from infra.bootstrap.reaching import reached
from infra.bootstrap.supervisor import Part, Supervisor
from infra.postgres.embedded import EmbeddedPostgres
from infra.postgres.program import PostgresFailed
from infra.settings import Settings
from infra.telemetry.log_files import cut

PARTS = ("projections", "processes", "write-api", "read-api", "web")
"""In the order they start; they stop the other way round, so that the part that serves users stops first."""

WITH_KAFKA = ("publisher", "feeds")
PORTS = {"write-api": "write_port", "read-api": "read_port", "web": "web_port"}

LOOK_AT_DATABASE_EVERY = 1.0
MOST_READERS = 4


class PortTaken(Exception):
    """Another process listens there."""


@asynccontextmanager
async def shop(settings: Settings, say: Callable[[str], None]) -> AsyncIterator[tuple[Settings, Supervisor]]:
    """Open the shop, and close it in order when the block ends.

    Raises DataFolderInUse, DataFolderUnusable, PortTaken, BadKafkaSettings, Unreachable before anything is started,
    then PostgresFailed, PartFailed, PartRefused.
    """
    if settings.kafka is not None:
        from infra.kafka.broker import Broker

        Broker.of(settings)
    ports = {name: free_port(settings.host, getattr(settings, name)) for name in PORTS.values()}
    await reached(settings)
    with claimed(settings.data):
        if settings.database is None:
            replace_first_vault_key(settings)
        complete = with_secrets(allowing_the_gateway(settings).model_copy(update=ports))
        say(f"Opening the shop in {settings.data}")
        async with _database(complete, say) as (reachable, opened):
            first, further = _parts(reachable)
            supervisor = Supervisor(first, say)
            # The parts load their code while the database starts, and wait for it: each takes a second alone.
            starting = asyncio.create_task(supervisor.start())
            try:
                await opened
                await starting
                supervisor.add(further)
                yield reachable, supervisor
            finally:
                say("Closing the shop")
                starting.cancel()
                await asyncio.wait([starting])
                await supervisor.stop()


def workers_of(name: str, settings: Settings) -> int:
    """How many processes of a part `up` starts.

    What reads most of the time computes in one process's core, and shares nothing with its like: a shop that is asked
    more than one core can answer has the others.
    """
    if settings.workers is not None:
        return settings.workers
    return min(len(os.sched_getaffinity(0)), MOST_READERS) if name == "read-api" else 1


def _parts(settings: Settings) -> tuple[list[Part], list[Part]]:
    """One process of everything, which the shop needs to open, and all further ones."""
    made = [parts_of(name, settings, workers_of(name, settings)) for name in PARTS]
    if settings.kafka is not None:
        made += [parts_of(name, settings, 1) for name in WITH_KAFKA]
    return [part for part, *_ in made], [part for _, *further in made for part in further]


async def side_by_side(name: str, settings: Settings, workers: int, say: Callable[[str], None]) -> None:
    """One part of the shop in several processes, each started again when it dies. Raises PortTaken, PartFailed."""
    if port := PORTS.get(name):
        settings = settings.model_copy(update={port: free_port(settings.host, getattr(settings, port))})
    supervisor = Supervisor(parts_of(name, settings, workers), say)
    try:
        await supervisor.start()
        say(f"{workers} times {name}; logs in {settings.data / 'logs'}")
        await supervisor.run()
    finally:
        await supervisor.stop()


def free_port(host: str, port: int) -> int:
    """The port, if no process listens there; a free one for 0. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
            raise PortTaken(f"{host}:{port} {why}.") from error
        number: int = probe.getsockname()[1]
        return number


@asynccontextmanager
async def _database(
    settings: Settings, say: Callable[[str], None]
) -> AsyncIterator[tuple[Settings, Awaitable[object]]]:
    """Settings with the database to use, and what ends when that is open (raises PostgresFailed)."""
    if settings.database is not None:
        yield settings, asyncio.sleep(0)
        return
    server = EmbeddedPostgres(settings.data)
    opening = asyncio.create_task(asyncio.to_thread(server.start))
    keeper = asyncio.create_task(_keep(server, opening, say))
    try:
        yield settings.model_copy(update={"database": server.url}), asyncio.shield(opening)
    finally:
        keeper.cancel()
        await asyncio.wait([keeper, opening])
        server.stop()


async def _keep(server: EmbeddedPostgres, opening: asyncio.Task[str], say: Callable[[str], None]) -> None:
    """A server that was killed is started again; the parts wait for it. One that never opened is for others to tell.

    No new database is made: in a folder that was moved away meanwhile it would pass for the shop's.
    """
    await asyncio.wait([opening])
    said = ""
    while opening.exception() is None:
        await asyncio.sleep(LOOK_AT_DATABASE_EVERY)
        with suppress(OSError):
            cut(server.log)
        if not await asyncio.to_thread(server.running):
            if not said:
                say(f"postgresql died; starting it again (log: {server.log})")
            try:
                await asyncio.to_thread(partial(server.start, new=False))
                said = ""
            except (PostgresFailed, OSError) as error:
                words = f"postgresql does not start: {error}"
                if words != said:
                    say(words)
                said = words


def allowing_the_gateway(settings: Settings) -> Settings:
    """The settings of a shop that serves the test gateway if the setting says so or, without it, on loopback.

    A shop that is paid at Stripe serves none.
    """
    if settings.test_gateway is not None or settings.stripe_key is not None:
        return settings
    return settings.model_copy(update={"test_gateway": is_loopback(settings.host)})


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach what listens there."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def parts_of(name: str, settings: Settings, workers: int) -> list[Part]:
    """One part of the shop in so many processes, which share its work, or the port that it listens on."""
    together = ["--beside-others"] if workers > 1 and name in PORTS else []
    return [
        Part(
            name=label,
            command=[sys.executable, "-m", "infra.cli.main", "run", name, "--supervised", *together],
            environment=_environment(settings),
            log=settings.data / "logs" / f"{label}.log",
        )
        for label in labels_of(name, workers)
    ]


def labels_of(name: str, workers: int) -> list[str]:
    """What the processes of one part are called."""
    return [name if number == 1 else f"{name}-{number}" for number in range(1, workers + 1)]


def _environment(settings: Settings) -> Mapping[str, str]:
    """Everything that may have come from options; the secrets stay in their files."""
    told = {
        "COUNTERFOIL_DATA": str(settings.data.resolve()),
        "COUNTERFOIL_DATABASE": str(settings.database),
        "COUNTERFOIL_HOST": settings.host,
        "COUNTERFOIL_WRITE_PORT": str(settings.write_port),
        "COUNTERFOIL_READ_PORT": str(settings.read_port),
        "COUNTERFOIL_WEB_PORT": str(settings.web_port),
        "COUNTERFOIL_UNPAID_SHOPPER": str(settings.unpaid_shopper),
    }
    if settings.test_gateway is not None:
        told["COUNTERFOIL_TEST_GATEWAY"] = str(settings.test_gateway).lower()
    return {**os.environ, **told}
