"""Takes a backup of a shop, which may go on working meanwhile."""

from collections.abc import Callable, Mapping, Set
from datetime import datetime
from pathlib import Path

import asyncpg
import msgspec

from commands.ports import EventStore
from domain.shared.recorded import START, Position
from infra.backup import keys as wrapping
from infra.backup import tables
from infra.backup.archive import Manifest, Writer, writing
from infra.backup.log import LOG, as_line
from infra.eventstore.capabilities import PROMISED, Capabilities
from infra.eventstore.gaps import without_gap
from infra.eventstore.postgres.append_rules import Head
from infra.eventstore.postgres.restoring import continued
from infra.identity import schema as identity
from infra.postgres.advisory import lock
from infra.security.key_files import KeyFiles
from infra.security.rotation import ROTATION

PAGE = 1000
SECRETS = "secrets.json"
UNLOCK = "select pg_advisory_unlock_shared(hashtextextended($1, 0))"


async def take(
    path: Path,
    store: EventStore,
    database: str,
    secrets: Mapping[str, str],
    keys: KeyFiles | None,
    now: datetime,
    progress: Callable[[Position, Position], None] = lambda _at, _head: None,
    *,
    capabilities: Capabilities = PROMISED,
    with_accounts: bool = True,
) -> Manifest:
    """Write everything up to the present end of the log into one file.

    `keys` are the wrapping keys; without them no key of a person is in the backup. `with_accounts`: credentials and
    sessions are in it too.

    Each part is read no earlier than what depends on it; see tables.py. Every hash of the log is verified on the way,
    and that no position is missing where the store has all (`capabilities`). Raises InTheWay, NotRestorable (the log
    was tampered with), NoWrappingKey, StoreUnavailable.
    """
    connection = await asyncpg.connect(database)
    try:
        with writing(path) as backup:
            await tables.save(connection, tables.BEFORE_THE_LOG, backup)
            head = await store.head()
            left_out = frozenset() if with_accounts else frozenset(identity.TABLES)
            await _save_after_the_log(connection, keys, backup, left_out)
            with backup.member(SECRETS) as lines:
                lines.write(msgspec.json.encode(dict(secrets)))
            events, at, last, heads = 0, START, START, dict[str, Head]()
            with backup.member(LOG) as lines:
                while at < head:
                    page = await store.read_all(after=at, limit=PAGE)
                    records = [record for record in page.records if record.position <= head]
                    continued(records, heads)
                    if capabilities.gapless:
                        last = without_gap(records, last)
                    for record in records:
                        lines.write(as_line(record))
                    events, at = events + len(records), page.position
                    progress(min(at, head), head)
            gapless = capabilities.gapless
            manifest = Manifest(taken_at=now, head=head, events=events, gapless=gapless, members=backup.members)
            backup.finish(manifest)
            return manifest
    finally:
        await connection.close()


async def _save_after_the_log(
    connection: asyncpg.Connection, keys: KeyFiles | None, backup: Writer, left_out: Set[str]
) -> None:
    wanted = [it for it in tables.AFTER_THE_LOG if it not in left_out]
    if keys is None:
        await tables.save(connection, [it for it in wanted if it != tables.PEOPLE], backup)
        return
    # A rotation waits meanwhile: the keys in the backup are those that the wrapping keys in it open.
    await lock(ROTATION, connection, "_shared")
    await tables.save(connection, wanted, backup)
    await wrapping.save(connection, keys, backup)
    await connection.execute(UNLOCK, ROTATION)
