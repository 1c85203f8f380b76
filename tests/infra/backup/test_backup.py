"""What goes into a backup comes out of it; what is no whole backup, or has no room, is refused and changes nothing."""

from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import asyncpg
import pytest

from commands.ports import ANY, EventStore, Page
from domain.shared.personal import Sealed
from domain.shared.recorded import START, Position
from infra.backup import tables
from infra.backup.archive import MANIFEST, InTheWay, NoBackup, reading, writing
from infra.backup.keys import WRAPPING_KEYS
from infra.backup.log import LOG, BackedUpLog, as_line
from infra.backup.restoring import NotEmpty, restore, secrets_in
from infra.backup.taking import take
from infra.eventstore.factory import open_event_store
from infra.eventstore.postgres.restoring import NotRestorable
from infra.eventstore.postgres.schema import UnfinishedRestore
from infra.security.wrapping import WrappingKeys
from tests.infra.backup.conftest import SECRETS, STANDING, elsewhere, log_of, read, restored
from tests.infra.eventstore.making import event, whole_log
from tests.support.builders.auditing import tamper
from tests.support.builders.event_log_builder import NOON
from tests.support.fixtures.watched import WatchedStore

CHANGED = "is not what was written"


CATALOGUE = """
    select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1
"""
MADE_ANEW = {
    *("public.events", "public.eventstore_migrations", "public.snapshots"),
    *("public.projection_builds", "public.projection_parked"),
    *("vault.wrapping_keys", "vault.doomed_keys"),
}
"""The log is compared by itself; the others follow from it, or belong to one database."""
NEVER_BACKED_UP = {"processes.lateness", "leases.members", "leases.pieces"}
"""How late processes were three seconds ago, and who worked on what, says nothing about a restored shop."""
COLUMNS = {"vault.subject_keys": "subject, key_id, created_at"}
"""Of the keys of people those that stay: each shop wraps them by a key of its own."""


async def rows(url: str) -> dict[str, list[Any]]:
    """All that the database holds beside the log, whatever the product thinks of it."""
    connection = await asyncpg.connect(url)
    names = {row[0] for row in await connection.fetch(CATALOGUE)} - MADE_ANEW - NEVER_BACKED_UP
    found = {
        name: sorted(map(tuple, await connection.fetch(f"select {COLUMNS.get(name, '*')} from {name}")))
        for name in names
    }
    await connection.close()
    return found


async def test_everything_comes_back_as_it_was(
    filled: EventStore, backup: Path, address: Sealed, database_url: str, other_url: str
) -> None:
    before = await rows(database_url)
    assert sorted(name for name, found in before.items() if not found) == []
    await restored(backup, other_url)
    assert await read(other_url, elsewhere(backup), address) == b"Bergstrasse 1"
    assert await log_of(other_url) == list(await whole_log(filled))
    assert await rows(other_url) == before
    connection = await asyncpg.connect(other_url)
    number = "insert into inbox.messages (source, id, type, fingerprint) values ('erp', 'm3', '', '') returning number"
    assert await connection.fetchval(number) == 3
    await connection.close()
    with reading(backup) as opened:
        assert secrets_in(opened) == SECRETS
        assert (opened.manifest.head, opened.manifest.taken_at) == (await filled.head(), NOON)


async def test_a_backup_without_secrets_has_no_password_and_no_session(
    filled: EventStore, database_url: str, tmp_path: Path, wrapping: WrappingKeys
) -> None:
    path = tmp_path / "bare.zip"
    await take(path, filled, database_url, {}, wrapping.files, NOON, with_accounts=False)
    with reading(path) as backup:
        assert [name for name in backup.manifest.members if "identity" in name] == []


async def test_what_is_appended_meanwhile_is_not_in_it(
    filled: EventStore, database_url: str, tmp_path: Path, wrapping: WrappingKeys
) -> None:
    """The log grows with each page that is read, and the processes run ahead."""
    connection = await asyncpg.connect(database_url)

    class Busy(WatchedStore):
        async def head(self) -> Position:
            head = await self.store.head()
            await self.store.append("stock-late", [event()], expected=ANY)
            await connection.execute("update processes.process_progress set position = $1", head + 1)
            return head

        async def read_all(self, **asked: Any) -> Page:
            await self.store.append("stock-late", [event()], expected=ANY)
            return await self.store.read_all(**asked)

    async def nothing(_point: str) -> None:
        return

    head = await filled.head()
    path = tmp_path / "busy.zip"
    told = await take(path, Busy(filled, nothing), database_url, {}, wrapping.files, NOON)
    await connection.close()
    assert (told.head, told.events) == (head, head)
    with reading(path) as backup:
        assert sum(1 for _ in backup.lines(LOG)) == head
        (stood,) = backup.lines(tables.member("processes.process_progress"))
        assert f'"position":{STANDING}'.encode() in stood


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_a_backup_that_was_cut_off_is_none(backup: Path, share: float) -> None:
    whole = backup.read_bytes()
    backup.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(NoBackup, match="is no backup, or was cut off"), reading(backup):
        pass


def content(path: Path) -> dict[str, list[bytes]] | None:
    """What a backup holds; None if it is refused."""
    try:
        with reading(path) as backup:
            backup.verify()
            return {name: list(backup.lines(name)) for name in sorted(backup.manifest.members)}
    except NoBackup:
        return None


def test_a_changed_byte_is_refused_or_changes_nothing(backup: Path) -> None:
    """A zip has fields that nobody reads; whatever is read is proven."""
    whole, before = backup.read_bytes(), content(backup)
    refused = 0
    for at in range(0, len(whole), len(whole) // 200):
        backup.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        found = content(backup)
        assert found in (None, before), at
        refused += found is None
    assert refused > 160


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (LOG, "is not what was written"),
        (MANIFEST, "is no backup of a shop"),
        ("secrets.json", "is not what was written"),
    ],
)
async def test_a_member_that_was_written_anew_is_found(backup: Path, tmp_path: Path, member: str, said: str) -> None:
    forged = tmp_path / "forged.zip"
    with ZipFile(backup) as old, ZipFile(forged, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, b"{}" if name == member else old.read(name))
    with pytest.raises(NoBackup, match=said), reading(forged) as opened:
        opened.verify()


async def test_a_log_that_was_tampered_with_is_not_backed_up(
    filled: EventStore, connection: asyncpg.Connection, database_url: str, tmp_path: Path, wrapping: WrappingKeys
) -> None:
    target = tmp_path / "shop.zip"
    await tamper(connection, "update events set data = '{}' where position = 3")
    with pytest.raises(NotRestorable):
        await take(target, filled, database_url, {}, wrapping.files, NOON)
    assert files_in(tmp_path) == ["keys"]


async def test_a_file_that_is_there_is_left_alone(
    filled: EventStore, backup: Path, database_url: str, wrapping: WrappingKeys
) -> None:
    before = content(backup)
    with pytest.raises(InTheWay):
        await take(backup, filled, database_url, {}, wrapping.files, NOON)
    assert content(backup) == before
    assert files_in(backup.parent) == [backup.name]


def files_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_a_shop_is_not_written_over(backup: Path, database_url: str, other_url: str) -> None:
    before = await rows(database_url)
    with pytest.raises(NotEmpty, match=r"processes\.process_progress has rows"):
        await restored(backup, database_url)
    assert await rows(database_url) == before
    await restored(backup, other_url)
    with pytest.raises(NotEmpty):
        await restored(backup, other_url)


async def test_a_log_is_not_written_over(backup: Path, other_url: str) -> None:
    store = (await open_event_store(other_url)).store
    await store.append("stock-mine", [event()], expected=ANY)
    await store.close()
    with pytest.raises(NotEmpty, match="other events"):
        await restored(backup, other_url)
    assert [record.stream for record in await log_of(other_url)] == ["stock-mine"]


async def test_a_restore_that_was_broken_off_keeps_the_shop_shut_until_it_is_through(
    filled: EventStore, backup: Path, database_url: str, other_url: str
) -> None:
    class Enough(Exception):
        pass

    def halfway(_done: int, at: Position, head: Position) -> None:
        if at >= head // 2:
            raise Enough

    with pytest.raises(Enough), reading(backup) as opened:
        await restore(opened, other_url, other_url, elsewhere(backup), halfway)
    with pytest.raises(UnfinishedRestore, match="Run it again"):
        await open_event_store(other_url)

    await restored(backup, other_url)
    assert await log_of(other_url) == list(await whole_log(filled))
    assert await rows(other_url) == await rows(database_url)


async def test_positions_are_the_new_stores_own(backup: Path, other_url: str) -> None:
    """Out of a log with holes, as EventStoreDB has them: where the processes stood is told in the new numbers."""
    holey = backup.with_name("holey.zip")
    with reading(backup) as old, writing(holey) as new:
        page = await BackedUpLog(old).read_all(after=START, limit=10_000)
        with new.member(LOG) as lines:
            for record in page.records:
                lines.write(as_line(record._replace(position=Position(record.position * 10))))
        with new.member(WRAPPING_KEYS) as lines:
            for line in old.lines(WRAPPING_KEYS):
                lines.write(line)
        for table in tables.TABLES:
            with new.member(tables.member(table)) as lines:
                for line in old.lines(tables.member(table)):
                    lines.write(line.replace(f'"position":{STANDING}'.encode(), b'"position":205'))
        told = old.manifest
        new.finish(type(told)(taken_at=NOON, head=Position(told.head * 10), events=told.events, members=new.members))
    await restored(holey, other_url)
    (stands,) = (await rows(other_url))["processes.process_progress"]
    (last,) = [record for record in page.records if record.position == STANDING]
    assert stands == ("processes", STANDING, last.event_id)
