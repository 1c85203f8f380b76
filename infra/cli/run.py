"""`counterfoil run PART`: one part of the shop alone, so that each can be given a machine of its own."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Annotated, Any

import typer

from infra.cli import environment
from infra.cli.up import Host, ReadPort, WebPort, WritePort, until_stopped
from infra.gc_tuning import collect_later, collect_rarely

PATIENCE = 20.0
"""Seconds that a part waits for its database: both may be started at the same time."""

app = typer.Typer(no_args_is_help=True)

Supervised = Annotated[bool, typer.Option("--supervised", hidden=True, help="Stop at the end of standard input.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes that share the work.")]
BesideOthers = Annotated[bool, typer.Option("--beside-others", hidden=True, help="Others listen on the port too.")]


@app.callback()
def run() -> None:
    """Run one part of the shop."""
    collect_later()


@app.command("write-api")
def write_api(
    data: environment.Data = None,
    host: Host = None,
    port: WritePort = None,
    workers: Workers = 1,
    supervised: Supervised = False,
    beside_others: BesideOthers = False,
) -> None:
    """Take commands over HTTP."""
    from infra.bootstrap.parts_write_api import serve_write_api

    part = partial(serve_write_api, beside_others=beside_others)
    _run("write-api", part, supervised, workers, data=data, host=host, write_port=port)


@app.command("read-api")
def read_api(
    data: environment.Data = None,
    host: Host = None,
    port: ReadPort = None,
    workers: Workers = 1,
    supervised: Supervised = False,
    beside_others: BesideOthers = False,
) -> None:
    """Answer queries over GraphQL."""
    from infra.bootstrap.parts_read_api import serve_read_api

    part = partial(serve_read_api, beside_others=beside_others)
    _run("read-api", part, supervised, workers, data=data, host=host, read_port=port)


@app.command("web")
def web(
    data: environment.Data = None,
    host: Host = None,
    port: WebPort = None,
    workers: Workers = 1,
    supervised: Supervised = False,
    beside_others: BesideOthers = False,
) -> None:
    """Serve the pages of the shop and of its back office."""
    from infra.bootstrap.parts_web import serve_web

    part = partial(serve_web, beside_others=beside_others)
    _run("web", part, supervised, workers, data=data, host=host, web_port=port)


@app.command("projections")
def projections(data: environment.Data = None, workers: Workers = 1, supervised: Supervised = False) -> None:
    """Feed the read models from the log."""
    from infra.bootstrap.parts import feed_projections

    _run("projections", feed_projections, supervised, workers, data=data)


@app.command("processes")
def processes(data: environment.Data = None, workers: Workers = 1, supervised: Supervised = False) -> None:
    """Drive checkouts, fulfilment and everything else that happens by itself."""
    from infra.bootstrap.parts import drive_processes

    _run("processes", drive_processes, supervised, workers, data=data)


@app.command("publisher")
def publisher(data: environment.Data = None, supervised: Supervised = False) -> None:
    """Tell other systems over Kafka what happened, in the published language."""
    from infra.bootstrap.parts_kafka import publish_events

    _run("publisher", publish_events, supervised, 1, data=data)


@app.command("feeds")
def feeds(data: environment.Data = None, supervised: Supervised = False) -> None:
    """Take in prices and goods that other systems tell over Kafka."""
    from infra.bootstrap.parts_kafka import take_in_feeds

    _run("feeds", take_in_feeds, supervised, 1, data=data)


Part = Callable[[Any, Callable[[], None]], Awaitable[None]]


def _run(name: str, part: Part, supervised: bool, workers: int, **given: Any) -> None:
    from infra.bootstrap.data_folder import with_secrets
    from infra.bootstrap.local_stack import side_by_side
    from infra.telemetry.exporting import exporting
    from infra.telemetry.logging import set_up_logging

    settings = environment.settings(**given)
    set_up_logging(settings)

    async def work() -> None:
        async with environment.database(settings, patience=PATIENCE) as reachable:
            if workers > 1:
                collect_rarely()
                await side_by_side(name, with_secrets(reachable), workers, partial(typer.echo, err=True))
            else:
                await part(with_secrets(reachable), _report)

    with exporting(name):
        environment.run(until_stopped(_until_orphaned(work()) if supervised else work()))


def _report() -> None:
    """Tell the supervisor that the work has begun."""
    typer.echo("ready")


async def _until_orphaned(work: Awaitable[None]) -> None:
    """End when standard input ends: the process that started this one holds it open while it runs."""
    import asyncio
    import sys

    from infra.bootstrap.supervisor import ALIVE, ALIVE_EVERY

    async def live() -> None:
        with suppress(BrokenPipeError):
            while True:
                typer.echo(ALIVE, nl=False)
                await asyncio.sleep(ALIVE_EVERY)

    task, living = asyncio.ensure_future(work), asyncio.ensure_future(live())
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    orphaned = asyncio.ensure_future(reader.read())
    try:
        await asyncio.wait({task, orphaned}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        orphaned.cancel()
        living.cancel()
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled():
        task.result()
