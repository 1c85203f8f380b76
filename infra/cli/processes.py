"""`counterfoil processes`: phases of business processes, instances that need attention, and parked messages."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from infra.cli import environment
from infra.cli.cockpit import cockpit_of
from infra.cli.errors import Refused
from infra.cli.signing import Reason, signed
from infra.cli.tables import print_table

if TYPE_CHECKING:
    from datetime import datetime

    from commands.ports import Appended
    from domain.shared.recorded import Metadata
    from infra.settings import Settings
    from projections.cockpit import Instance
    from projections.parked import ParkedCommand, ParkedInput

app = typer.Typer(help="Show where processes stand, and resend or skip what is parked.", no_args_is_help=True)

Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many rows of each kind.")]


@app.command("list")
def list_(
    process: Annotated[str | None, typer.Option(help="Only this process, for example checkout.")] = None,
    attention: Annotated[bool, typer.Option("--attention", help="Only who needs attention.")] = False,
    limit: Limit = 100,
    as_json: environment.AsJson = False,
    data: environment.Data = None,
) -> None:
    """Count instances by process and phase, and show those that need attention."""
    found = environment.run(_standing(environment.settings(data=data), process, attention, limit))
    if as_json:
        _print_json(found)
        return
    if not attention:
        print_table(["Process", "Phase", "Instances"], (one.values() for one in found["phases"]))
    rows = ((one.process, one.instance, one.phase, _time(one.since), one.attention) for one in found["attention"])
    print_table(["Needs attention", "Instance", "Phase", "Since", "Why"], rows)
    _print_rest(found)


@app.command("parked")
def parked(limit: Limit = 100, as_json: environment.AsJson = False, data: environment.Data = None) -> None:
    """Show commands that kept failing and inputs that no process could take in, the latest first."""
    found = environment.run(_parked(environment.settings(data=data), limit))
    if as_json:
        _print_json(found)
        return
    commands: Sequence[ParkedCommand] = found["commands"]
    inputs: Sequence[ParkedInput] = found["inputs"]
    rows = [(str(c.command_id), c.process, c.instance, c.command, c.error, _time(c.parked_at)) for c in commands]
    print_table(["Parked command", "Process", "Instance", "Name", "Error", "At"], rows)
    rows = [(str(i.entry_id), i.process, i.instance or "", i.input, i.error, _time(i.parked_at)) for i in inputs]
    print_table(["Parked input", "Process", "Instance", "Name", "Error", "At"], rows)
    _print_rest(found)


@app.command("resend")
def resend(
    id: Annotated[UUID, typer.Argument(help="Of a command or an input; see: counterfoil processes parked")],
    reason: Reason,
    data: environment.Data = None,
) -> None:
    """Send a parked command or input again. What is done already is not done twice; what fails is parked again."""
    kind, at = environment.run(_resend(environment.settings(data=data), id, signed(reason)))
    typer.echo(f"The {kind} has been sent again (position {at.position}). It is taken up as soon as processes run.")


@app.command("skip")
def skip(
    id: Annotated[UUID, typer.Argument(help="Of a command or an input; see: counterfoil processes parked")],
    reason: Reason,
    data: environment.Data = None,
) -> None:
    """Skip a parked command or input: it is never carried out or taken in, and waits no more."""
    kind, at = environment.run(_skip(environment.settings(data=data), id, reason))
    typer.echo(f"The {kind} has been skipped (position {at.position}).")


async def _standing(settings: "Settings", process: str | None, only: bool, limit: int) -> dict[str, Any]:
    from process_managers.registry import PROCESSES
    from projections import cockpit
    from projections.engine.paging import Window

    async with cockpit_of(settings) as seen:
        counted = await cockpit.phases(seen.tables)
        if process is not None:
            _check_known(process, {*(one.name for one in PROCESSES), *(name for name, _ in counted)})
        wanted = cockpit.Filter(process=process, attention=True)
        page = await cockpit.instances(seen.tables, wanted, Window(size=limit))
    phases = [
        {"process": name, "phase": phase, "instances": number}
        for (name, phase), number in counted.items()
        if process in (None, name)
    ]
    needy: list[Instance] = [one for _, one in page.items]
    found = {
        "position": seen.position,
        "events_behind": seen.behind,
        "refused": seen.refused,
        "attention": needy,
        "more": page.more_after,
    }
    return found if only else {"phases": phases, **found}


async def _parked(settings: "Settings", limit: int) -> dict[str, Any]:
    from projections import parked
    from projections.engine.paging import Window

    async with cockpit_of(settings) as seen:
        commands = await parked.commands(seen.tables, Window(size=limit))
        inputs = await parked.inputs(seen.tables, Window(size=limit))
    return {
        "position": seen.position,
        "events_behind": seen.behind,
        "refused": seen.refused,
        "commands": [one for _, one in commands.items],
        "inputs": [one for _, one in inputs.items],
        "more": commands.more_after or inputs.more_after,
    }


async def _resend(settings: "Settings", id: UUID, metadata: "Metadata") -> "tuple[str, Appended]":
    from process_managers.engine.parking import ResendInput, ResendParked

    commands = {"command": ResendParked(command_id=id), "input": ResendInput(entry_id=id)}
    return await _first_parked(settings, id, commands, metadata)


async def _skip(settings: "Settings", id: UUID, reason: str) -> "tuple[str, Appended]":
    from process_managers.engine.parking import SkipInput, SkipParked

    commands = {"command": SkipParked(command_id=id, reason=reason), "input": SkipInput(entry_id=id, reason=reason)}
    return await _first_parked(settings, id, commands, signed(reason))


async def _first_parked(
    settings: "Settings", id: UUID, commands: Mapping[str, object], metadata: "Metadata"
) -> "tuple[str, Appended]":
    """Carry out the command of the kind that is parked under the id. Raises Refused."""
    from infra.bootstrap.composition import command_handler
    from process_managers.engine.parking import NotParked

    async with environment.database(settings) as reachable, command_handler(reachable) as handler:
        for kind, command in commands.items():
            with suppress(NotParked):
                return kind, await handler(command, metadata)
    raise Refused(f"Nothing is parked under {id}. See: counterfoil processes parked")


def _check_known(process: str, names: set[str]) -> None:
    if process not in names:
        near = get_close_matches(process, names, n=1, cutoff=0.4)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(sorted(names))}."
        raise Refused(f"--process: no process is called {process!r}. {hint}")


def _time(at: "datetime") -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _print_json(found: dict[str, Any]) -> None:
    import msgspec

    typer.echo(msgspec.json.encode(found).decode())


def _print_rest(found: dict[str, Any]) -> None:
    if found["refused"]:
        typer.echo(f"The processes stand still. {found['refused']}")
    if found["more"]:
        typer.echo("There are more: raise --limit.")
    if found["events_behind"]:
        typer.echo(f"The cockpit is {found['events_behind']:,} events behind the log. Do the projections run?")
