"""A shop with people, payments and timers in it, and a backup of it."""

from pathlib import Path

import asyncpg
import pytest

from commands.ports import EventStore
from domain.shared.recorded import Position
from infra.backup.tables import make
from infra.backup.taking import take
from tests.support.builders.auditing import SHOP, written
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.sale import sale
from tests.support.harness.projecting import connection, store

__all__ = ["connection", "store"]

PROGRESS = "insert into processes.process_progress values ('processes', $1)"
OTHERS = """
    insert into processes.timers values ('checkout', 'o1', 'expiry', '2026-11-25 12:00:00.000001Z', gen_random_uuid());
    insert into vault.subject_keys values ('anna', gen_random_uuid(), '\\x00ff0a'::bytea, now());
    insert into gateway.payments values ('o1', '{"b": 1,  "a": [2]}');
    insert into gateway.answers values ('key', null);
    insert into inbox.messages (source, id, type, fingerprint, error, raw) values
        ('erp', 'm1', 'price', 'f', null, null), ('erp', 'm2', 'price', 'f', 'no such SKU', '\\x00ff'::bytea);
    insert into gateway.webhooks values ('w1', '\\x7b0a7d'::bytea, now(), 3);
"""
STANDING = Position(20)


@pytest.fixture
async def filled(store: EventStore, connection: asyncpg.Connection) -> EventStore:
    await written(store, *SHOP.opening(), *sale(SHOP, 1).delivered())
    await make(connection)
    await connection.execute(PROGRESS, STANDING)
    await connection.execute(OTHERS)
    return store


@pytest.fixture
async def backup(filled: EventStore, database_url: str, tmp_path: Path) -> Path:
    path = tmp_path / "shop.zip"
    await take(path, filled, database_url, {"token_secret": "t", "vault_key": "v", "webhook_secret": "w"}, NOON)
    return path
