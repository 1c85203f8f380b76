"""The identity store, and the signing keys and ended sessions of a process that verifies access tokens."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from infra.bootstrap.composition import secret_of
from infra.identity.addresses import AddressIndex
from infra.identity.contacts import PostgresContacts
from infra.identity.schema import prepare
from infra.identity.signing_keys import SigningKeys
from infra.identity.state_keeper import StateKeeper, kept
from infra.identity.store import PostgresIdentity
from infra.postgres.sessions import Sessions
from infra.security.derived_keys import Box, KeyedHash, VaultSecrets
from infra.security.session_state import SessionState
from infra.settings import Settings


def secrets_of(settings: Settings) -> VaultSecrets:
    """Raises BadVaultKey."""
    before = settings.vault_key_before
    return VaultSecrets.of(secret_of(settings.vault_key), None if before is None else secret_of(before))


def identity_of(settings: Settings, sessions: Sessions) -> PostgresIdentity:
    """Raises BadVaultKey."""
    secrets = secrets_of(settings)
    index = AddressIndex(KeyedHash(secrets.keys("address index")))
    return PostgresIdentity(sessions, index, Box(secrets.keys("mails and links")))


def contacts_of(settings: Settings, sessions: Sessions) -> PostgresContacts:
    """Raises BadVaultKey."""
    return PostgresContacts(sessions, AddressIndex(KeyedHash(secrets_of(settings).keys("address index"))))


@asynccontextmanager
async def session_state(
    settings: Settings, sessions: Sessions, clock: Callable[[], datetime], *, maintains: bool = False
) -> AsyncIterator[SessionState]:
    """Signing keys and ended sessions, kept up to date. `maintains`: signing keys are made and rotated too."""
    await prepare(sessions)
    keys = SigningKeys(sessions, Box(secrets_of(settings).keys("signing keys")))
    async with kept(StateKeeper(sessions, keys, clock, SessionState(), maintains)) as state:
        yield state
