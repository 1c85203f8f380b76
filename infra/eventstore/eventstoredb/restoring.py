"""Records of another store, into EventStoreDB."""

from collections.abc import Sequence

from esdbclient import NewEvent as StoredEvent
from esdbclient.exceptions import WrongCurrentVersion

from commands.ports import Record
from infra.eventstore.eventstoredb import reading
from infra.eventstore.eventstoredb.appending import send
from infra.eventstore.eventstoredb.connection import Connection
from infra.eventstore.hash_chain import stated_hash
from infra.eventstore.postgres.append_rules import EMPTY, Head
from infra.eventstore.postgres.restoring import NotRestorable, continued, runs

MOST, SIZE = 100, 500_000


async def restore(link: Connection, records: Sequence[Record]) -> None:
    """Store the records in their order; what is there already, byte for byte, is passed over."""
    heads = dict[str, Head]()
    for run in runs(records, MOST, SIZE):
        first, last = run[0], run[-1]
        if first.stream not in heads:
            heads[first.stream] = await _before(link, first)
        continued(run, heads)
        new = [StoredEvent(one.type, one.data, one.metadata, "application/json", one.event_id) for one in run]
        try:
            await send(link, first.stream, first.revision - 1, new)
        except WrongCurrentVersion as error:
            raise NotRestorable(f"{first.stream} does not stand at revision {first.revision - 1}: {error}") from error
        stored = await reading.stream(link, first.stream, last.revision - 1, 1)
        if [(one.event_id, one.metadata) for one in stored] != [(last.event_id, last.metadata)]:
            raise NotRestorable(f"{first.stream} holds something else at revision {last.revision}.")


async def _before(link: Connection, record: Record) -> Head:
    """Where the stream stood before a record of it."""
    if record.revision == 0:
        return EMPTY
    before = await reading.stream(link, record.stream, record.revision - 2, 1)
    return Head(record.revision - 1, stated_hash(before[0].metadata)) if before else EMPTY
