"""`counterfoil`: the one command, and all that can follow it."""

from typing import Annotated

import typer

from infra.cli import (
    backup,
    check,
    demo,
    events,
    forget,
    history,
    kafka,
    keys,
    mails,
    processes,
    projections,
    reconcile,
    replay,
    run,
    services,
    staff,
    token,
    up,
)
from infra.cli.errors import NAME, OneLine

app = typer.Typer(
    cls=OneLine,
    name=NAME,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"{NAME} {version(NAME)}")
        raise typer.Exit


@app.callback()
def counterfoil(
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    """An event-sourced shop whose history can be replayed, asked and proven."""


app.command("up")(up.up)
app.command("demo")(demo.demo)
app.command("import")(demo.import_)
app.command("history")(history.history)
app.command("replay")(replay.replay)
app.command("check")(check.check)
app.command("reconcile")(reconcile.reconcile)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("forget")(forget.forget)
app.command("token")(token.token)
app.command("mails")(mails.mails)
app.add_typer(run.app, name="run")
app.add_typer(projections.app, name="projections")
app.add_typer(processes.app, name="processes")
app.add_typer(events.app, name="events")
app.add_typer(kafka.app, name="kafka")
app.add_typer(keys.app, name="keys")
app.add_typer(services.app, name="services")
app.add_typer(staff.app, name="staff")

if __name__ == "__main__":
    app()
