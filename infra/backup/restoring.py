"""Makes a shop of a backup, where there is none."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from domain.shared.recorded import Position
from infra.backup import keys, store_migration, tables
from infra.backup.archive import Backup
from infra.backup.log import BackedUpLog
from infra.backup.taking import SECRETS
from infra.eventstore.copying import Copying, DifferentLogs
from infra.eventstore.factory import open_event_store
from infra.eventstore.postgres.schema import UNFINISHED
from infra.security.wrapping import WrappingKeys

BEGIN = f"create table {UNFINISHED} ()"
AGAIN = f"drop table if exists {UNFINISHED}"


class NotEmpty(Exception):
    """There is something in the target already."""


def secrets_in(backup: Backup) -> Mapping[str, str]:
    """The secrets that the shop kept in its data folder."""
    found: dict[str, str] = msgspec.json.decode(b"".join(backup.lines(SECRETS)))
    return found


async def restore(
    backup: Backup,
    event_store: str,
    database: str,
    wrapping: WrappingKeys,
    progress: Callable[[int, Position, Position], None],
    keys_from: Backup | None = None,
) -> None:
    """Fill an empty store and an empty database; broken off, the same restore goes on where it stopped.

    Until it is through, the database is marked, and no part of a shop opens its store. The keys of people may come from
    another backup. Raises NotEmpty, ShopRuns, NotRestorable, BadVaultKey, StoreUnavailable.
    """
    async with store_migration.at_rest(database) as connection:
        await tables.make(connection)
        if found := await tables.filled(connection):
            raise NotEmpty(f"There is a shop already: {found[0]} has rows. Restore to an empty folder or database.")
        await connection.execute(AGAIN)
        store = (await open_event_store(event_store, database=database)).store
        try:
            await connection.execute(BEGIN)
            copied = await Copying(
                BackedUpLog(backup), store, _stood(backup), progress, gapless=backup.manifest.gapless
            ).run()
        except DifferentLogs:
            await connection.execute(AGAIN)
            raise NotEmpty("There are other events already. Restore to an empty folder, database and store.") from None
        finally:
            await store.close()
        async with connection.transaction():
            await tables.load(connection, backup)
            await keys.load(connection, keys_from or backup, wrapping)
            await store_migration.adopt(connection, copied.places)
            await connection.execute(AGAIN)


def _stood(backup: Backup) -> Sequence[Position]:
    """Where the processes stood."""
    lines = backup.lines(tables.member("processes.process_progress"))
    return [Position(msgspec.json.decode(line)["position"]) for line in lines]
