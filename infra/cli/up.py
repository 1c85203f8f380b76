"""`counterfoil up`: the whole shop with one command."""

import os
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from shlex import quote
from shutil import which
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli import environment
from infra.cli.errors import NAME

if TYPE_CHECKING:
    from infra.settings import Settings

Host = Annotated[str | None, typer.Option(help="Address the APIs and the pages listen on.")]
WritePort = Annotated[int | None, typer.Option(min=0, max=65535, help="Port of the write API; 0: any free one.")]
WORKERS = "Processes for each part. Default: one, and of the read API one for each core, four at most."
ReadPort = Annotated[int | None, typer.Option(min=0, max=65535, help="Port of the read API; 0: any free one.")]
WebPort = Annotated[int | None, typer.Option(min=0, max=65535, help="Port of the pages; 0: any free one.")]


def up(
    data: environment.Data = None,
    host: Host = None,
    write_port: WritePort = None,
    read_port: ReadPort = None,
    web_port: WebPort = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help=WORKERS)] = None,
) -> None:
    """Run everything: PostgreSQL, both APIs, the pages, processes and projections. Ctrl-C stops it cleanly."""
    ports = {"write_port": write_port, "read_port": read_port, "web_port": web_port}
    settings = environment.settings(data=data, host=host, workers=workers, **ports)
    environment.run(until_stopped(_up(settings)))


async def until_stopped(work: Coroutine[Any, Any, Any]) -> Any:
    """Run the work until it ends, or until Ctrl-C or SIGTERM; later signals wait for the end."""
    import asyncio
    import signal

    task = asyncio.ensure_future(work)
    stopped = False

    def stop() -> None:
        nonlocal stopped
        if not stopped:
            stopped = True
            task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if not stopped:
            raise
        return None


async def _up(settings: "Settings") -> None:
    from infra.bootstrap.local_stack import shop

    began = time.monotonic()
    async with shop(settings, typer.echo) as (running, supervisor):
        typer.echo(f"The shop is open after {time.monotonic() - began:.1f} s.")
        for line in addresses(running):
            typer.echo(line)
        await supervisor.run()


def addresses(settings: "Settings") -> list[str]:
    """Where to go now, the shop first."""
    from infra.bootstrap.composition import shop_url

    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return [
        f"  The shop               {shop_url(settings)}",
        f"  The back office        {shop_url(settings)}/desk",
        f"  Queries, GraphiQL      http://{host}:{settings.read_port}/graphql",
        f"  Commands, OpenAPI      http://{host}:{settings.write_port}/docs",
        f"  A token to try them    {itself()} token --role shopper --subject alice --data {quote(str(settings.data))}",
        f"  Logs                   {settings.data / 'logs'}",
        "  Ctrl-C stops the shop; the next start finds everything again.",
    ]


def itself() -> str:
    """How to call this program from where we are: by its name only where the shell finds it by that."""
    program = Path(sys.executable).with_name(NAME)
    if (found := which(NAME)) is not None and program.exists() and os.path.samefile(found, program):
        return NAME
    return quote(os.path.relpath(program) if program.is_relative_to(Path.cwd()) else str(program))
