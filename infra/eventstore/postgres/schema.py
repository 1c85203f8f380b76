"""The tables of the event store, and how a database comes by them."""

from commands.ports import StoreUnavailable
from infra.postgres.sessions import Connection

LOCK = 0x434F554E544552
"""The advisory lock that stands for the end of the log; in ASCII: COUNTER."""

CHANNEL = "events"
"""Each commit notifies it of the position of its last event."""

UNFINISHED = "unfinished_restore"
"""A table that is there while a restore is not through."""

MIGRATIONS = (
    """
    create table events (
        position bigint primary key,
        stream text collate "C" not null,
        revision bigint not null,
        event_id uuid not null unique,
        type text collate "C" not null,
        data json not null,
        metadata json not null,
        unique (stream, revision)
    );
    comment on table events is
        'All facts in one order without gaps. Append only; whoever appends holds the advisory lock until the commit.';

    create function refuse() returns trigger language plpgsql as $$
        begin raise exception 'Stored events are never changed.'; end
    $$;
    create trigger events_are_final before update or delete or truncate on events
        for each statement execute function refuse();

    create table snapshots (
        stream text collate "C",
        version text,
        revision bigint not null,
        position bigint not null,
        state json not null,
        done json not null,
        primary key (stream, version)
    );
    comment on table snapshots is 'A cache: rows can be deleted at any time.';
    """,
    f"""
    create function append_events(
        seen text[], seen_revisions bigint[], seen_hashes text[],
        streams text[], revisions bigint[], event_ids uuid[], types text[], datas text[], metadatas text[],
        recorded_at text
    ) returns bigint language plpgsql as $$
        declare
            before record;
            last bigint;
        begin
            perform pg_advisory_xact_lock({LOCK});
            select position, metadata ->> 'recorded_at' collate "C" as at into before
              from events order by position desc limit 1;
            if before.at > recorded_at or exists (
                select from unnest(seen, seen_revisions, seen_hashes) head (name, at, hash) where not exists (
                    select from events where stream = name and revision = at
                       and right(metadata::text, 66) = hash || '"}}'
                )
            ) then
                return null;
            end if;
            insert into events (position, stream, revision, event_id, type, data, metadata)
            select coalesce(before.position, 0) + number, stream, revision, event_id, type, data::json, metadata::json
              from unnest(streams, revisions, event_ids, types, datas, metadatas)
                   with ordinality as new (stream, revision, event_id, type, data, metadata, number);
            last := coalesce(before.position, 0) + cardinality(streams);
            perform pg_notify('{CHANNEL}', last::text);
            return last;
        exception when unique_violation then
            return null;
        end
    $$;
    comment on function append_events is
        'Appends behind the last event and answers with the new last position. Null, and nothing is appended: a stream '
        'does not end where it was seen to, an event id is taken, or the last event was recorded later than that.';
    """,
)
"""Each is carried out once, in this order. What is listed here has been carried out somewhere: only add."""


class UnfinishedRestore(StoreUnavailable):
    """What the database holds is not a shop yet."""


async def migrate(connection: Connection) -> None:
    """Bring the database up to date; several processes may do so at once. Raises UnfinishedRestore."""
    if await connection.fetchval("select to_regclass($1) is not null", UNFINISHED):
        raise UnfinishedRestore("A restore was broken off here. Run it again; until it is through, nothing else runs.")
    async with connection.transaction():
        await connection.execute(f"select pg_advisory_xact_lock({LOCK})")
        await connection.execute(
            "create table if not exists eventstore_migrations (number int primary key, at timestamptz default now())"
        )
        done = await connection.fetchval("select count(*) from eventstore_migrations")
        for number, statements in enumerate(MIGRATIONS[done:], start=done + 1):
            await connection.execute(statements)
            await connection.execute("insert into eventstore_migrations (number) values ($1)", number)
