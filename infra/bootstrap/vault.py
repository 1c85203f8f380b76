"""The vault of a shop, what forgets with it, and the rotation of its wrapping keys."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from commands.ports import Appended, StoreUnavailable
from domain.shared.recorded import Metadata
from infra.bootstrap.composition import codec, database_of, opened, secret_of, sessions_of
from infra.bootstrap.data_folder import BEFORE, keys_folder
from infra.clock.identity import uuid7
from infra.eventstore.factory import utc_now
from infra.postgres.sessions import TRY_AGAIN, Sessions
from infra.security.key_files import KeyFiles
from infra.security.vault import PostgresVault, prepare
from infra.security.wrapping import VaultKeys, WrappingKeys, vault_key
from infra.settings import Settings

log = structlog.get_logger()


async def vault_of(settings: Settings, sessions: Sessions) -> PostgresVault:
    """Raises BadVaultKey, NoWrappingKey, KeyFolderUnusable."""
    vault = _vault(settings, sessions)
    await vault.prepare()
    return vault


def _vault(settings: Settings, sessions: Sessions) -> PostgresVault:
    return PostgresVault(sessions, wrapping_keys(settings))


def wrapping_keys(settings: Settings) -> WrappingKeys:
    """Raises BadVaultKey."""
    before = settings.vault_key_before
    vault = VaultKeys(
        vault_key(secret_of(settings.vault_key)),
        None if before is None else vault_key(secret_of(before), "COUNTERFOIL_VAULT_KEY_BEFORE"),
        settings.data / BEFORE,
    )
    return WrappingKeys(KeyFiles(keys_folder(settings)), vault)


async def rotate_when_due(settings: Settings, looks_every: float) -> None:
    """Rotate the wrapping keys whenever that is due, until cancelled. What goes wrong is logged, and tried again."""
    from infra.security.rotation import rotate_if_due

    async with sessions_of(settings, "key rotation") as sessions:
        while True:
            try:
                await prepare(sessions)
                wrapping = wrapping_keys(settings)
                if (done := await rotate_if_due(database_of(settings), wrapping)) is not None:
                    log.info("wrapping key rotated", living=done.living)
                    if done.by_vault_key and wrapping.vault.before is None:
                        log.warning("vault key to be replaced", advice="docs/personal-data.md, Replacing the vault key")
            except (StoreUnavailable, *TRY_AGAIN) as error:
                log.warning("wrapping key not rotated", reason=str(error))
            except Exception as error:
                log.exception("wrapping key not rotated", reason=str(error))
            await asyncio.sleep(looks_every)


@asynccontextmanager
async def forgetting(settings: Settings, actor: str) -> AsyncIterator[Callable[[str, str, bool], Awaitable[Appended]]]:
    """What forgets a subject for a reason, by force or if it is known; the log says that `actor` did it."""
    from commands.erasure import forget
    from commands.handler import CommandHandler
    from commands.routes import ROUTES
    from domain.person.commands import ForgetPerson
    from infra.bootstrap.session_state import identity_of
    from infra.identity.schema import prepare as prepare_identity

    async with opened(settings) as (store, snapshots), sessions_of(settings, "forgetting") as sessions:
        await prepare(sessions)
        await prepare_identity(sessions)
        handler, keys = CommandHandler(store, codec(), snapshots, ROUTES), _vault(settings, sessions)
        identity = identity_of(settings, sessions)

        async def forget_one(subject: str, reason: str, force: bool) -> Appended:
            asked = uuid7()
            metadata = Metadata(command_id=asked, correlation_id=asked, causation_id=asked, actor=actor)
            command = ForgetPerson(subject=subject, reason=reason, at=utc_now())
            return await forget(handler, keys, command, metadata, identity, force=force)

        yield forget_one
