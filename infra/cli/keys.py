"""`counterfoil keys`: the keys that wrap those of people."""

import json
from typing import TYPE_CHECKING

import typer

from infra.cli import environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from infra.security.rotation import Rotated, Standing
    from infra.settings import Settings

app = typer.Typer(help="Show and rotate the keys that wrap those of people.", no_args_is_help=True)

MINUTES = "%Y-%m-%d %H:%M UTC"
STILL = (
    "The vault key itself had wrapped {count:,} of them, as earlier versions had it: copies of those in old files of"
    " the database open with it. Replace the vault key, as docs/personal-data.md says."
)


@app.command("list")
def list_(as_json: environment.AsJson = False, data: environment.Data = None) -> None:
    """Show the wrapping keys, and which of them are to be destroyed."""
    found = environment.run(_standing(environment.settings(data=data)))
    if as_json:
        rows = [{**it._asdict(), "wrapping_id": str(it.wrapping_id)} for it in found]
        typer.echo(json.dumps(rows, default=_written))
        return
    for it in found:
        fate = "" if it.condemned_at is None else f", to be destroyed since {it.condemned_at:{MINUTES}}"
        typer.echo(f"{it.wrapping_id}  made {it.made_at:{MINUTES}}, wraps {it.living:,} keys of people{fate}")


@app.command("rotate")
def rotate(data: environment.Data = None) -> None:
    """Destroy now what the files of the database still hold of the keys of the forgotten; the shop may be open."""
    settings = environment.settings(data=data)
    done, replaced = environment.run(_rotate(settings))
    typer.echo(
        f"A new wrapping key wraps the {done.living:,} keys of people; all wrapping keys before it are destroyed."
    )
    if done.by_vault_key and not replaced:
        typer.echo(STILL.format(count=done.by_vault_key))


def _written(moment: "datetime") -> str:
    return moment.isoformat()


async def _standing(settings: "Settings") -> "Sequence[Standing]":
    import asyncpg

    from infra.bootstrap import composition
    from infra.security.rotation import standing
    from infra.security.vault import prepare

    async with environment.database(settings) as reachable:
        async with composition.sessions_of(reachable, "keys") as sessions:
            await prepare(sessions)
        connection = await asyncpg.connect(composition.database_of(reachable))
        try:
            return await standing(connection)
        finally:
            await connection.close()


async def _rotate(settings: "Settings") -> "tuple[Rotated, bool]":
    """What was done, and whether the vault key is another one than before."""
    from infra.bootstrap import composition, vault
    from infra.bootstrap.data_folder import with_secrets
    from infra.security.rotation import rotate
    from infra.security.vault import PostgresVault

    async with environment.database(settings) as reachable:
        complete = with_secrets(reachable)
        async with composition.sessions_of(complete, "key rotation") as sessions:
            wrapping = vault.wrapping_keys(complete)
            await PostgresVault(sessions, wrapping).prepare()
            done = await rotate(composition.database_of(complete), wrapping)
            return done, wrapping.vault.before is not None
