"""The tables of leases, and the statements on them.

A member of a work has a token, a number that grows with each member, and a term that ends unless it is renewed. A piece
of the work belongs to the member whose token its row names. The token fences: a transaction that writes under a lease
first takes a shared advisory lock on each of its pieces, then compares the token (PostgreSQL, 13.3.5).
"""

import asyncpg

DDL = """
    create schema if not exists leases;
    create sequence if not exists leases.tokens;
    create table if not exists leases.members (
        work       text not null,
        token      bigint not null,
        holder     text not null,
        expires_at timestamptz not null,
        primary key (work, token)
    );
    create table if not exists leases.pieces (
        work  text not null,
        piece text not null,
        token bigint not null,
        primary key (work, piece)
    );
    create or replace function leases.member_key(of_work text, of_token bigint) returns bigint
        language sql immutable as $$ select hashtextextended('lease member ' || of_token || ' ' || of_work, 0) $$;
    create or replace function leases.piece_key(of_work text, of_piece text) returns bigint
        language sql immutable as $$ select hashtextextended('lease piece ' || of_piece || ' of ' || of_work, 0) $$;
    create or replace function leases.holds(of_work text, of_token bigint, of_pieces text[]) returns boolean
        language plpgsql as $$
        begin
            perform pg_advisory_xact_lock_shared(leases.piece_key(of_work, piece)) from unnest(of_pieces) piece;
            return (
                select count(*) from leases.pieces where work = of_work and token = of_token and piece = any(of_pieces)
            ) = cardinality(of_pieces);
        end
    $$;
    comment on function leases.holds is
        'Whether pieces are held under a token, and until the end of the transaction stay so: the next holder waits '
        'for the locks, or ends the session that has them.';
"""

THERE = "select to_regprocedure('leases.holds(text, bigint, text[])') is not null"

NEXT_TOKEN = "select nextval('leases.tokens')"
PRESENT = "select pg_advisory_lock(leases.member_key($1, $2))"
JOIN = "insert into leases.members values ($1, $2, $3, clock_timestamp() + $4 * interval '1 second')"
RENEW = """
    update leases.members set expires_at = clock_timestamp() + $3 * interval '1 second' where work = $1 and token = $2
"""
LEAVE = "delete from leases.members where work = $1 and token = $2"

PIECES = "select piece, token from leases.pieces where work = $1"

LOCKS = """
    select pid, (classid::bigint << 32) | objid::bigint as key from pg_locks
     where locktype = 'advisory' and objsubid = 1 and granted
       and database = (select oid from pg_database where datname = current_database())
"""

# Who is present is looked for in the locks as they are, and members as they were a moment before: a member takes its
# lock before it joins.
MEMBERS = f"""
    select token, expires_at <= clock_timestamp() as late, leases.member_key(work, token) not in (
        select key from ({LOCKS}) locks
    ) as gone from leases.members where work = $1
"""

# A term that was renewed meanwhile is looked at again, as it then is.
REMOVE = """
    delete from leases.members
     where work = $1 and (token = any($2) or (token = any($3) and expires_at <= clock_timestamp()))
    returning token, holder
"""

MAKE = """
    insert into leases.pieces select $1, piece, 0 from unnest($2::text[]) piece on conflict do nothing
"""

TAKE = """
    update leases.pieces held set token = $2 from unnest($3::text[], $4::bigint[]) seen (piece, token)
     where held.work = $1 and held.piece = seen.piece and held.token = seen.token
    returning held.piece
"""

GIVE_BACK = "update leases.pieces set token = 0 where work = $1 and token = $2 and piece = any($3)"

END_WRITERS = f"""
    select count(pg_terminate_backend(pid)) from (
        select distinct pid from ({LOCKS}) locks
         where key in (select leases.piece_key($1, piece) from unnest($2::text[]) piece) and pid <> pg_backend_pid()
    ) writers
"""

# Between the parts of a statement a session is active, so idle_in_transaction_session_timeout does not end it.
END_STALLED = """
    select blocker.pid, blocker.application_name as name, pg_terminate_backend(blocker.pid)
      from pg_stat_activity blocker
     where blocker.datname = current_database() and blocker.application_name like 'counterfoil %'
       and blocker.wait_event_type = 'Client'
       and blocker.state_change < clock_timestamp() - $1 * interval '1 second'
       and blocker.pid in (
           select unnest(pg_blocking_pids(waiting.pid)) from pg_stat_activity waiting
            where waiting.wait_event_type = 'Lock'
       )
"""

HOLDS = "select leases.holds($1, $2, $3)"


async def install(connection: asyncpg.Connection) -> None:
    """Make what is missing."""
    if await connection.fetchval(THERE):
        return
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtextextended('leases.ddl', 0))")
        await connection.execute(DDL)
