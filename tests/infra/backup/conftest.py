"""A shop with people, payments and timers in it, and a backup of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from commands.ports import EventStore
from domain.shared.personal import Sealed
from domain.shared.recorded import Position
from infra.backup.archive import reading
from infra.backup.restoring import restore
from infra.backup.tables import make
from infra.backup.taking import take
from infra.eventstore.factory import open_event_store
from infra.postgres.embedded import EmbeddedPostgres
from infra.postgres.sessions import Sessions
from infra.security.vault import PostgresVault
from infra.security.wrapping import WrappingKeys
from tests.infra.eventstore.making import whole_log
from tests.support.builders.auditing import SHOP, written
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.sale import sale
from tests.support.harness.projecting import connection, store
from tests.support.harness.vaults import MASTER, wrapping_in

__all__ = ["connection", "store"]

PROGRESS = (
    "insert into processes.process_progress select 'processes', position, event_id from events where position = $1"
)
OTHERS = """
    insert into processes.timers values ('checkout', 'o1', 'expiry', '2026-11-25 12:00:00.000001Z', gen_random_uuid());
    insert into gateway.payments values ('o1', '{"b": 1,  "a": [2]}');
    insert into gateway.answers values ('key', null);
    insert into inbox.messages (source, id, type, fingerprint, error, raw) values
        ('erp', 'm1', 'price', 'f', null, null), ('erp', 'm2', 'price', 'f', 'no such SKU', '\\x00ff'::bytea);
    insert into identity.emails values ('shopper', '\\x01', 'k', 's1', 'confirmed', now(), 'sealed');
    insert into identity.credentials values ('s1', 'password', '', 'sealed', now(), null);
    insert into identity.sessions values (gen_random_uuid(), 'shopper', 's1', null, now(), now(), now(), now());
    insert into identity.refresh select '\\x02', session_id, now(), null, '\\x03', null from identity.sessions;
    insert into identity.links values
        ('\\x04', 'reset', 'shopper', '\\x01', 's1', gen_random_uuid(), '\\x05', now(), now(), null);
    insert into identity.signing_keys values ('kid', '\\x06', '\\x07', now(), now());
    insert into identity.revoked values (gen_random_uuid(), now());
    insert into identity.api_keys values ('k1', '\\x09', now(), now());
    insert into identity.passkeys values
        (gen_random_uuid(), 'shopper', 's1', 'sealed', now(), null, '\\x0a', 0);
    insert into identity.challenges values ('\\x0b', 'passkey-login', null, null, now(), now());
    insert into identity.contacts values ('o1', '\\x0c', 'k', 'guest-1', 'sealed', now(), now(), 's1', true);
    insert into identity.followed values ('order mails', 1, gen_random_uuid());
    insert into identity.languages values ('s1', 'de');
    insert into identity.mails values
        (gen_random_uuid(), 'reset', 'shopper', '\\x01', 's1', '\\x08', now(), now(), 0, 'sent');
    insert into gateway.webhooks values ('w1', '\\x7b0a7d'::bytea, now(), 3);
"""
STANDING = Position(20)
SECRETS = {"token_secret": "t", "vault_key": MASTER, "webhook_secret": "w"}


@pytest.fixture
def wrapping(tmp_path: Path) -> WrappingKeys:
    return wrapping_in(tmp_path / "keys")


@pytest.fixture
async def address(connection: asyncpg.Connection, database_url: str, wrapping: WrappingKeys) -> Sealed:
    """Sealed for anna, who has a key of her own."""
    await make(connection)
    sessions = Sessions(database_url, "test", 1)
    vault = PostgresVault(sessions, wrapping)
    await vault.prepare()
    sealed = await vault.seal("anna", b"Bergstrasse 1")
    await sessions.close()
    return sealed


@pytest.fixture
async def filled(store: EventStore, connection: asyncpg.Connection, address: Sealed) -> EventStore:  # noqa: ARG001
    await written(store, *SHOP.opening(), *sale(SHOP, 1).delivered())
    await make(connection)
    await connection.execute(PROGRESS, STANDING)
    await connection.execute(OTHERS)
    return store


@pytest.fixture
async def backup(filled: EventStore, database_url: str, tmp_path: Path, wrapping: WrappingKeys) -> Path:
    path = tmp_path / "backups" / "shop.zip"
    path.parent.mkdir()
    await take(path, filled, database_url, SECRETS, wrapping.files, NOON)
    return path


@pytest.fixture
async def other_url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """An empty database to restore to."""
    admin = await asyncpg.connect(postgres.url)
    await admin.execute("create database restored")
    yield postgres.url.replace("/postgres?", "/restored?")
    await admin.execute("drop database restored with (force)")
    await admin.close()


def elsewhere(path: Path) -> WrappingKeys:
    """The keys of a shop that is made of this backup."""
    return wrapping_in(path.parent / "restored")


async def restored(path: Path, url: str) -> None:
    with reading(path) as backup:
        backup.verify()
        await restore(backup, url, url, elsewhere(path), lambda _done, _at, _head: None)


async def read(url: str, wrapping: WrappingKeys, sealed: Sealed) -> bytes | None:
    sessions = Sessions(url, "test", 1)
    plain = await PostgresVault(sessions, wrapping).open(sealed)
    await sessions.close()
    return plain


async def log_of(url: str) -> list[Any]:
    store = (await open_event_store(url)).store
    log = list(await whole_log(store))
    await store.close()
    return log
