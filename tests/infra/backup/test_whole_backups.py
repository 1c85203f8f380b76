"""A backup holds what its last event needs and every position before it, and only its owner can read it."""

import os
from pathlib import Path

import asyncpg
import pytest

from commands.ports import ANY, EventStore
from domain.shared.recorded import Position
from infra.backup.archive import reading, writing
from infra.backup.log import LOG
from infra.backup.taking import take
from infra.eventstore.factory import open_event_store
from infra.eventstore.postgres.restoring import NotRestorable
from infra.eventstore.postgres.schema import UnfinishedRestore
from infra.security.wrapping import WrappingKeys
from tests.infra.backup.conftest import restored
from tests.infra.backup.test_backup import files_in
from tests.infra.eventstore.making import event
from tests.support.builders.auditing import tamper
from tests.support.builders.event_log_builder import NOON
from tests.support.fixtures.watched import WatchedStore


@pytest.mark.usefixtures("address")
async def test_what_an_event_needs_is_in_the_backup_with_it(
    filled: EventStore,
    connection: asyncpg.Connection,
    database_url: str,
    wrapping: WrappingKeys,
    tmp_path: Path,
) -> None:
    """A key and a payment are stored before the event that names them, at the last moment before the log is read."""

    class Busy(WatchedStore):
        async def head(self) -> Position:
            await connection.execute(
                """insert into gateway.payments values ('late', '{}');
                insert into vault.subject_keys (subject, key_id, wrapped, created_at, wrapped_by)
                select 'late', gen_random_uuid(), wrapped, created_at, wrapped_by from vault.subject_keys"""
            )
            await self.store.append("order-late", [event()], expected=ANY)
            return await self.store.head()

    async def nothing(_point: str) -> None:
        return

    path = tmp_path / "busy.zip"
    await take(path, Busy(filled, nothing), database_url, {}, wrapping.files, NOON)
    with reading(path) as backup:
        assert [b"order-late" in line for line in backup.lines(LOG)][-1]
        for table in ("gateway.payments", "vault.subject_keys"):
            assert [line for line in backup.lines(f"tables/{table}.jsonl") if b'"late"' in line], table


def test_a_backup_is_for_its_owners_eyes_from_the_first_byte_on(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with writing(tmp_path / "shop.zip") as backup:
            assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
            with backup.member(LOG) as lines:
                lines.write(b"1")
    finally:
        os.umask(before)
    assert [(file.name, file.stat().st_mode & 0o777) for file in tmp_path.iterdir()] == [("shop.zip", 0o600)]


async def test_a_log_with_a_gap_is_not_backed_up(
    filled: EventStore, connection: asyncpg.Connection, database_url: str, tmp_path: Path
) -> None:
    """Of a stream that was removed as a whole, no other tells."""
    await tamper(connection, "delete from events where stream = 'stock-S00011@MAIN'")
    with pytest.raises(NotRestorable, match="no event between the positions 83 and 85"):
        await take(tmp_path / "shop.zip", filled, database_url, {}, None, NOON)
    assert files_in(tmp_path) == ["keys"]


async def test_a_gap_in_a_backup_is_not_closed(backup: Path, other_url: str) -> None:
    """An event that was taken out of the file, with the manifest made to fit."""
    forged = backup.with_name("forged.zip")
    with reading(backup) as old, writing(forged) as new:
        told = old.manifest
        for name in told.members:
            with new.member(name) as lines:
                for line in old.lines(name):
                    if b'"stock-S00011@MAIN"' not in line or name != LOG:
                        lines.write(line)
        assert new.members[LOG].lines == told.members[LOG].lines - 1
        new.finish(type(told)(taken_at=NOON, head=told.head, events=told.events - 1, gapless=True, members=new.members))
    with pytest.raises(NotRestorable, match="no event between the positions 83 and 85"):
        await restored(forged, other_url)
    with pytest.raises(UnfinishedRestore):
        await open_event_store(other_url)
