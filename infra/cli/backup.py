"""`counterfoil backup` and `counterfoil restore`: a shop in a file, and a shop out of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import environment
from infra.cli.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from domain.shared.recorded import Position
    from infra.backup.archive import Backup, Manifest
    from infra.security.wrapping import WrappingKeys
    from infra.settings import Settings

KEEP_APART = "It holds keys: keep it as you keep the vault key."
NO_KEYS = (
    "The backup holds no keys of people. Name a newer one that does with --keys-from. With --without-keys the shop is"
    " restored without them, and no address in it can ever be read."
)


def backup(
    target: Annotated[Path, typer.Argument(help="A file that is not there yet, or a folder to put one into.")],
    without_secrets: Annotated[
        bool,
        typer.Option(
            "--without-secrets",
            help="Leave out the secrets of the data folder, and the passwords and sessions of accounts.",
        ),
    ] = False,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Leave out the keys of people: forgetting then reaches the backup.")
    ] = False,
    data: environment.Data = None,
) -> None:
    """Write the whole shop, which may be open meanwhile, into one file: up to the last event of this moment."""
    from infra.eventstore.factory import utc_now

    settings, now = environment.settings(data=data), utc_now()
    path = target / f"counterfoil-{now:%Y%m%dT%H%M%SZ}.zip" if target.is_dir() else target
    if not path.parent.is_dir():
        raise Refused(f"There is no folder {path.parent}. Make it first.")
    manifest = environment.run(_take(settings, path, now, with_secrets=not without_secrets, with_keys=not without_keys))
    typer.echo(f"{manifest.events:,} events up to position {manifest.head:,}, every hash verified: {path}")
    if not (without_secrets and without_keys):
        typer.echo(KEEP_APART)


def restore(
    source: Annotated[Path, typer.Argument(help="A file that `counterfoil backup` has written.")],
    keys_from: Annotated[
        Path | None,
        typer.Option("--keys-from", help="A newer backup of the same shop, to take the keys of people from."),
    ] = None,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Restore although there are no keys of people in the backup.")
    ] = False,
    data: environment.Data = None,
) -> None:
    """Make a shop out of a backup, in a data folder or a database that is empty, and build its read models."""
    settings = environment.settings(data=data)
    with environment.told():
        manifest = _restore(settings, source, keys_from, without_keys=without_keys)
    typer.echo(
        f"{manifest.events:,} events of {manifest.taken_at:%Y-%m-%d %H:%M} UTC are back, the same hash by hash, and so"
        " is what the shop knew beside them. Open it with: counterfoil up"
    )


async def _take(
    settings: "Settings", path: Path, now: "datetime", *, with_secrets: bool, with_keys: bool
) -> "Manifest":
    from infra.backup.taking import take
    from infra.bootstrap import composition
    from infra.bootstrap.data_folder import kept_secrets, keys_folder
    from infra.security.key_files import KeyFiles

    async with environment.database(settings) as reachable:
        secrets = kept_secrets(settings) if with_secrets else {}
        keys = KeyFiles(keys_folder(settings)) if with_keys else None
        async with composition.event_store(reachable) as store:
            with environment.progress("Writing the log") as move:
                database = composition.database_of(reachable)
                return await take(
                    path,
                    store,
                    database,
                    secrets,
                    keys,
                    now,
                    move,
                    capabilities=store.capabilities,
                    with_accounts=with_secrets,
                )


def _restore(settings: "Settings", source: Path, keys_from: Path | None, *, without_keys: bool) -> "Manifest":
    from pydantic import SecretStr

    from infra.backup import keys
    from infra.backup.archive import reading
    from infra.backup.restoring import secrets_in
    from infra.bootstrap import vault
    from infra.bootstrap.data_folder import BEFORE

    with reading(source) as backup, reading(keys_from or source) as newer:
        backup.verify()
        newer.verify()
        secrets = _secrets(settings, {**secrets_in(backup), **secrets_in(newer)})
        if not keys.are_in(newer) and not without_keys:
            raise Refused(NO_KEYS)
        known = {name: SecretStr(secrets[name]) for name in ("vault_key", BEFORE) if name in secrets}
        wrapping = vault.wrapping_keys(settings.model_copy(update=known))
        keys.prove(newer, wrapping.vault)
        environment.run(_fill(settings, backup, newer, secrets, wrapping))
        return backup.manifest


def _secrets(settings: "Settings", found: "Mapping[str, str]") -> dict[str, str]:
    """What the shop is going to live with: what is set goes before what is in the backup."""
    from infra.bootstrap.data_folder import BEFORE, SECRETS, kept_secrets

    there, chosen = kept_secrets(settings), dict[str, str]()
    for name in SECRETS:
        known = getattr(settings, name)
        if known is not None:
            chosen[name] = known.get_secret_value()
        elif name not in found:
            raise Refused(f"The backup holds no {name}. Set COUNTERFOIL_{name.upper()} to the one of the shop.")
        elif there.get(name, found[name]) != found[name]:
            raise Refused(f"{settings.data / name} is another shop's. Restore to an empty folder.")
        else:
            chosen[name] = found[name]
    if settings.vault_key_before is not None:
        chosen[BEFORE] = settings.vault_key_before.get_secret_value()
    elif BEFORE in found:
        chosen[BEFORE] = found[BEFORE]
    return chosen


async def _fill(
    settings: "Settings", backup: "Backup", newer: "Backup", secrets: dict[str, str], wrapping: "WrappingKeys"
) -> None:
    from infra.backup.restoring import restore
    from infra.bootstrap import composition
    from infra.bootstrap.data_folder import keep_secrets

    async with environment.database(settings, new=True) as reachable:
        database = composition.database_of(reachable)
        with environment.progress("Restoring the log") as move:

            def copied(_done: int, at: "Position", head: "Position") -> None:
                move(at, head)

            await restore(backup, reachable.event_store or database, database, wrapping, copied, keys_from=newer)
        keep_secrets(settings, secrets)
        await composition.build_read_models(reachable)
