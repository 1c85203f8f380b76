"""`counterfoil events`: the log itself, moved from one store to another."""

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import environment
from infra.cli.errors import Refused

if TYPE_CHECKING:
    from domain.shared.recorded import Position
    from infra.eventstore.copying import Copied
    from infra.settings import Settings

app = typer.Typer(help="Move the log from one event store to another.", no_args_is_help=True)

SHOP = "shop"


@app.callback()
def events() -> None:
    """Move the log from one event store to another."""


@app.command("copy")
def copy(
    source: Annotated[str, typer.Option("--from", help="URL of an event store, or `shop`: the one that is set.")],
    target: Annotated[str, typer.Option("--to", help="URL of an empty event store, or of a copy that goes on.")],
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Then let the shop's processes and read models go on in the target.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only compare what both hold, and count what would be copied.")
    ] = False,
    data: environment.Data = None,
) -> None:
    """Copy every event, byte for byte, and compare both logs at the end. Broken off, it goes on where it stopped."""
    if dry_run and adopt:
        raise Refused("--adopt moves a shop to what was copied, and --dry-run copies nothing. Give one of them.")
    copied = environment.run(_copy(environment.settings(data=data), source, target, adopt, dry_run))
    if dry_run:
        typer.echo(
            f"{copied.there:,} events are the same in both, up to position {copied.source:,} of the source."
            f" {copied.new:,} more would be copied."
        )
        return
    typer.echo(f"{copied.new:,} events copied, {copied.there:,} were there. Both logs are the same, hash by hash.")
    if adopt:
        typer.echo("The shop goes on there: set COUNTERFOIL_EVENT_STORE to it before the next start.")


async def _copy(settings: "Settings", source: str, target: str, adopt: bool, dry_run: bool) -> "Copied":
    from contextlib import AsyncExitStack

    from rich.console import Console
    from rich.progress import Progress

    from infra.backup import store_migration
    from infra.bootstrap.composition import database_of
    from infra.eventstore.copying import Copying
    from infra.eventstore.factory import open_event_store

    async with AsyncExitStack() as stack:
        standing: tuple[Position, ...] = ()
        shop = None
        if adopt or source == SHOP:
            settings = await stack.enter_async_context(environment.database(settings))
            source = settings.event_store or database_of(settings) if source == SHOP else source
        if adopt:
            shop = await stack.enter_async_context(store_migration.at_rest(database_of(settings)))
            standing = tuple(await store_migration.standing(shop))
        stores = []
        for url in (source, target):
            store = (await open_event_store(url)).store
            stack.push_async_callback(store.close)
            stores.append(store)
        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
            bar = bars.add_task("Copying the log", total=None)

            def progress(_done: int, at: "Position", head: "Position") -> None:
                bars.update(bar, completed=at, total=head)

            gapless = stores[0].capabilities.gapless
            copying = Copying(stores[0], stores[1], standing, progress, gapless=gapless)
            copied = await (copying.compare() if dry_run else copying.run())
        if shop is not None:
            await store_migration.adopt(shop, copied.places)
        return copied
