"""`counterfoil projections`: the builds of the read models, side by side."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli import environment
from infra.cli.errors import Refused
from infra.cli.tables import print_table

if TYPE_CHECKING:
    import asyncpg

    from infra.projections.lag import Lag
    from infra.settings import Settings
    from projections.engine.builds import Build, StoppedStream
    from projections.engine.projection import Projection

app = typer.Typer(help="List, mend, rebuild, switch and drop read models.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of a read model; see: counterfoil projections list")]


@app.command("list")
def list_(as_json: environment.AsJson = False, data: environment.Data = None) -> None:
    """Show every build, which one readers read, and how far behind the log it is."""
    lags = environment.run(_lags(environment.settings(data=data)))
    if as_json:
        import json

        typer.echo(json.dumps([_as_dict(one) for one in lags]))
        return
    rows = (["" if value is None else value for value in _as_dict(one).values()] for one in lags)
    print_table(["Read model", "Build", "Version", "Status", "Position", "Behind", "Parked", "Error"], rows)
    if any(one.build.parked for one in lags):
        typer.echo("Some events could not be taken in. See: counterfoil projections parked")


@app.command("parked")
def parked(as_json: environment.AsJson = False, data: environment.Data = None) -> None:
    """Show the events that read models could not take in, and at which their streams stand still."""
    found = [_shown(one) for one in environment.run(_stopped(environment.settings(data=data)))]
    if as_json:
        import json

        typer.echo(json.dumps(found))
        return
    for one in found:
        typer.echo("{name} build {build}: {stream} stands still at position {position}, {type}".format(**one))
        typer.echo("  {error}\n  since {parked_at}; {held_back} later events are held back".format(**one))
    if not found:
        typer.echo("Nothing is parked.")


@app.command("resend")
def resend(name: Name, data: environment.Data = None) -> None:
    """Give a read model again what it could not take in. It is made anew, and readers move when it has caught up."""
    projection = _projection(name)
    build = environment.run(_with_connection(data, lambda c, m: m.resend(c, projection)))
    typer.echo(f"Build {build.number} of {name} has begun. Readers move to it when it has caught up.")


@app.command("rebuild")
def rebuild(name: Name, data: environment.Data = None) -> None:
    """Begin a new build beside the old one; it catches up while readers read on."""
    projection = _projection(name)
    build = environment.run(_with_connection(data, lambda c, m: m.rebuild(c, projection)))
    typer.echo(
        f"Build {build.number} of {name} has begun. When it has caught up: counterfoil projections switch {name}"
    )


@app.command("switch")
def switch(
    name: Name,
    build: Annotated[int | None, typer.Option(help="Number of the build; default: the newest.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Even if it is behind.")] = False,
    data: environment.Data = None,
) -> None:
    """Let readers read another build, newer or older."""
    _projection(name)
    now = environment.run(_with_connection(data, lambda c, m: m.switch(c, name, build, force=force)))
    typer.echo(f"Readers of {name} now read build {now.number}.")


@app.command("drop")
def drop(
    name: Name, build: Annotated[int, typer.Argument(help="Number of the build.")], data: environment.Data = None
) -> None:
    """Drop a build that is not read."""
    _projection(name)
    environment.run(_with_connection(data, lambda c, m: m.drop(c, name, build)))
    typer.echo(f"Build {build} of {name} is gone.")


def _projection(name: str) -> "Projection":
    from projections.registry import PROJECTIONS

    known = {projection.name: projection for projection in PROJECTIONS}
    if name not in known:
        near = get_close_matches(name, known, n=1, cutoff=0.4)
        hint = f"Did you mean {near[0]}?" if near else "See: counterfoil projections list"
        raise Refused(f"No read model is called {name!r}. {hint}")
    return known[name]


async def _with_connection(data: Any, work: Any) -> Any:
    from infra.projections import manage

    async with _connection(environment.settings(data=data)) as connection:
        return await work(connection, manage)


async def _lags(settings: "Settings") -> "Sequence[Lag]":
    from infra.bootstrap.composition import event_store
    from infra.projections import manage
    from infra.projections.lag import lag

    async with _connection(settings) as connection, environment.database(settings) as reachable:
        await manage.install(connection)
        builds = [*await manage.builds(connection), *await _indices(settings)]
        async with event_store(reachable) as store:
            return await lag(builds, store)


async def _stopped(settings: "Settings") -> "Sequence[StoppedStream]":
    from infra.projections import manage

    async with _connection(settings) as connection:
        await manage.install(connection)
        return await manage.stopped(connection)


def _shown(one: "StoppedStream") -> dict[str, Any]:
    return {
        "name": one.build.name,
        "build": one.build.number,
        "stream": one.stream,
        "position": one.position,
        "type": one.type,
        "error": one.error,
        "held_back": one.held_back,
        "parked_at": f"{one.parked_at:%Y-%m-%d %H:%M:%S}",
    }


async def _indices(settings: "Settings") -> "Sequence[Build]":
    if settings.opensearch is None:
        return []
    from infra.opensearch.lag import indices

    return await indices(settings.opensearch, settings.opensearch_prefix)


@asynccontextmanager
async def _connection(settings: "Settings") -> "AsyncIterator[asyncpg.Connection]":
    import asyncpg

    async with environment.database(settings) as reachable:
        connection = await asyncpg.connect(reachable.database)
        try:
            yield connection
        finally:
            await connection.close()


def _as_dict(one: "Lag") -> dict[str, Any]:
    return {
        "name": one.build.name,
        "build": one.build.number,
        "version": one.build.version,
        "status": str(one.build.status),
        "position": one.build.position,
        "events_behind": one.events,
        "parked": one.build.parked,
        "error": one.build.error,
    }
