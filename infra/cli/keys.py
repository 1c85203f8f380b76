"""`counterfoil keys`: the keys that wrap those of people."""

from typing import TYPE_CHECKING

import typer

from infra.cli import environment

if TYPE_CHECKING:
    from infra.rotation import Rotated
    from infra.settings import Settings

app = typer.Typer(no_args_is_help=True)

STILL = (
    "The vault key itself had wrapped {count:,} of them, as earlier versions had it: copies of those in old files of"
    " the database open with it. Replace the vault key, as docs/security.md says."
)


@app.callback()
def keys() -> None:
    """Rotate the keys that wrap those of people."""


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


async def _rotate(settings: "Settings") -> "tuple[Rotated, bool]":
    """What was done, and whether the vault key is another one than before."""
    from infra.bootstrap import composition
    from infra.bootstrap.data_folder import with_secrets
    from infra.rotation import rotate
    from infra.security.vault import PostgresVault

    async with environment.database(settings) as reachable:
        complete = with_secrets(reachable)
        async with composition.sessions_of(complete, "key rotation") as sessions:
            wrapping = composition.wrapping_keys(complete)
            await PostgresVault(sessions, wrapping).prepare()
            done = await rotate(composition.database_of(complete), wrapping)
            return done, wrapping.vault.before is not None
