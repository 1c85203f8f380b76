"""Keys of people in backups, and in the shops that are made of them."""

import asyncio
import base64
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from commands.ports import EventStore, Page
from domain.shared.personal import Sealed
from infra.backup import tables
from infra.backup.archive import reading
from infra.backup.keys import WRAPPING_KEYS, are_in, prove
from infra.backup.restoring import restore
from infra.backup.taking import take
from infra.postgres.sessions import Sessions
from infra.security.key_files import KeyFiles
from infra.security.rotation import Rotated, rotate
from infra.security.vault import PostgresVault
from infra.security.wrapping import BadVaultKey, NoWrappingKey, VaultKeys, WrappingKeys, unwrap, vault_key, wrap
from tests.infra.backup.conftest import SECRETS, elsewhere, log_of, read, restored
from tests.infra.eventstore.making import whole_log
from tests.support.builders.event_log_builder import NOON
from tests.support.fixtures.watched import WatchedStore
from tests.support.harness.vaults import MASTER, names


async def test_a_restored_shop_shares_no_wrapping_key_with_another(
    backup: Path, address: Sealed, wrapping: WrappingKeys, database_url: str, other_url: str
) -> None:
    """Not even in one folder: each destroys its own keys and no others."""
    with reading(backup) as opened:
        await restore(opened, other_url, other_url, wrapping, lambda _done, _at, _head: None)
    for url in (database_url, other_url, database_url):
        await rotate(url, wrapping)
        assert await read(database_url, wrapping, address) == b"Bergstrasse 1"
        assert await read(other_url, wrapping, address) == b"Bergstrasse 1"
    assert len(names(wrapping.files.folder)) == 2


async def test_a_backup_outlives_the_wrapping_keys_that_are_in_it(
    backup: Path, address: Sealed, wrapping: WrappingKeys, database_url: str, other_url: str
) -> None:
    await rotate(database_url, wrapping)
    await restored(backup, other_url)
    assert await read(other_url, elsewhere(backup), address) == b"Bergstrasse 1"


async def test_a_rotation_waits_for_the_keys_of_a_backup_and_not_for_its_log(
    filled: EventStore,
    wrapping: WrappingKeys,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The keys in a backup are those that the wrapping keys in it open."""
    rotations = list[asyncio.Task[Rotated]]()
    save = tables.save

    async def save_and_rotate(*given: Any) -> None:
        await save(*given)
        if tables.PEOPLE in given[1]:
            rotations.append(asyncio.create_task(rotate(database_url, wrapping)))
            await asyncio.wait(rotations, timeout=1.5)

    class Patient(WatchedStore):
        async def read_all(self, **asked: Any) -> Page:
            await asyncio.wait_for(rotations[0], 30)
            return await self.store.read_all(**asked)

    async def nothing(_point: str) -> None:
        return

    monkeypatch.setattr(tables, "save", save_and_rotate)
    path = tmp_path / "shop.zip"
    await take(path, Patient(filled, nothing), database_url, SECRETS, wrapping.files, NOON)
    assert [it.result().living for it in rotations] == [1]
    with reading(path) as backup:
        prove(backup, wrapping.vault)


async def test_a_backup_under_a_vault_key_that_was_replaced_needs_that_one(backup: Path) -> None:
    new = vault_key(base64.b64encode(bytes(32)).decode())
    with reading(backup) as opened:
        with pytest.raises(BadVaultKey):
            prove(opened, VaultKeys(new))
        prove(opened, VaultKeys(new, vault_key(MASTER)))


async def test_a_backup_without_the_wrapping_keys_is_refused(
    filled: EventStore, database_url: str, tmp_path: Path
) -> None:
    with pytest.raises(NoWrappingKey, match="without which a backup opens no personal data"):
        await take(tmp_path / "shop.zip", filled, database_url, {}, KeyFiles(tmp_path / "elsewhere"), NOON)
    assert names(tmp_path) == ["keys"]


async def test_a_backup_of_an_earlier_version_has_keys_that_the_vault_key_itself_wrapped(
    filled: EventStore, address: Sealed, wrapping: WrappingKeys, database_url: str, other_url: str, tmp_path: Path
) -> None:
    connection = await asyncpg.connect(database_url)
    ((subject, key_id, wrapped, wrapped_by),) = await connection.fetch(
        "select subject, key_id, wrapped, wrapped_by from vault.subject_keys"
    )
    key = unwrap(wrapping.those_of(wrapped_by), subject, key_id, wrapped)
    before = wrap(wrapping.vault.present, subject, key_id, key)
    await connection.execute("update vault.subject_keys set wrapped_by = null, wrapped = $1", before)
    await connection.execute("alter table vault.subject_keys drop column wrapped_by")
    await connection.execute("drop table vault.wrapping_keys")
    await connection.close()
    path = tmp_path / "old" / "shop.zip"
    path.parent.mkdir()
    await take(path, filled, database_url, SECRETS, KeyFiles(tmp_path / "nothing"), NOON)
    with reading(path) as backup:
        assert list(backup.lines(WRAPPING_KEYS)) == []
        assert b"wrapped_by" not in b"".join(backup.lines(tables.member(tables.PEOPLE)))
    await restored(path, other_url)
    assert await read(other_url, elsewhere(path), address) == b"Bergstrasse 1"
    connection = await asyncpg.connect(other_url)
    assert await connection.fetchval("select count(*) from vault.subject_keys where wrapped_by is null") == 0
    await connection.close()


async def test_forgetting_reaches_a_backup_without_keys(
    filled: EventStore, address: Sealed, wrapping: WrappingKeys, database_url: str, other_url: str, tmp_path: Path
) -> None:
    """The log comes from the one backup, the keys of those who live from a newer one."""
    sessions = Sessions(database_url, "test", 1)
    vault = PostgresVault(sessions, wrapping)
    bens = await vault.seal("ben", b"Talweg 2")
    old, newer = tmp_path / "old.zip", tmp_path / "newer.zip"
    await take(old, filled, database_url, {}, None, NOON)
    with reading(old) as backup:
        assert not are_in(backup)
        assert backup.manifest.members.keys() & {WRAPPING_KEYS, tables.member(tables.PEOPLE)} == set()
    await vault.forget("anna")
    await rotate(database_url, wrapping)
    await take(newer, filled, database_url, {}, wrapping.files, NOON)
    with reading(old) as backup, reading(newer) as keys:
        await restore(backup, other_url, other_url, elsewhere(old), lambda _done, _at, _head: None, keys_from=keys)
    read_there = [await read(other_url, elsewhere(old), one) for one in (address, bens)]
    assert read_there == [None, b"Talweg 2"]
    assert await log_of(other_url) == list(await whole_log(filled))
    await sessions.close()
