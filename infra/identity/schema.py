"""The schema `identity`. It has no address, password or token in the clear, nor an unsealed hash of a password."""

from infra.postgres.sessions import Connection, Sessions

PATIENCE = 5.0

TABLES = (
    "identity.emails",
    "identity.credentials",
    "identity.sessions",
    "identity.refresh",
    "identity.links",
    "identity.signing_keys",
    "identity.revoked",
    "identity.mails",
    "identity.api_keys",
    "identity.passkeys",
    "identity.challenges",
    "identity.contacts",
    "identity.followed",
    "identity.languages",
)
"""In the order of their foreign keys."""

DDL = """
    create schema if not exists identity;
    create table if not exists identity.emails (
        realm text not null, index bytea not null, key_id text not null, subject text not null,
        state text not null check (state in ('pending', 'confirmed')), claimed_at timestamptz not null,
        address text not null, primary key (realm, index)
    );
    create index if not exists emails_by_subject on identity.emails (subject);
    create index if not exists emails_by_key on identity.emails (key_id);
    create table if not exists identity.credentials (
        subject text not null, kind text not null, id text not null, secret text not null,
        made_at timestamptz not null, used_at timestamptz, primary key (subject, kind, id)
    );
    create unique index if not exists credentials_by_provider on identity.credentials (id) where kind = 'provider';
    create table if not exists identity.sessions (
        session_id uuid primary key, realm text not null, subject text not null, device text,
        authenticated_at timestamptz not null, started_at timestamptz not null, seen_at timestamptz not null,
        expires_at timestamptz not null
    );
    create index if not exists sessions_by_subject on identity.sessions (subject, started_at);
    create index if not exists sessions_by_end on identity.sessions (expires_at);
    create table if not exists identity.refresh (
        digest bytea primary key, session_id uuid not null references identity.sessions on delete cascade,
        made_at timestamptz not null, rotated_at timestamptz, salt bytea, successor bytea
    );
    create index if not exists refresh_by_session on identity.refresh (session_id);
    create table if not exists identity.links (
        digest bytea primary key, kind text not null, realm text not null, index bytea not null, subject text,
        mail_id uuid not null, address bytea not null, made_at timestamptz not null, expires_at timestamptz not null,
        ended_at timestamptz
    );
    create index if not exists links_by_index on identity.links (realm, index);
    create index if not exists links_by_subject on identity.links (subject);
    create table if not exists identity.signing_keys (
        kid text primary key, public bytea not null, private bytea not null, made_at timestamptz not null,
        signs_from timestamptz not null
    );
    create table if not exists identity.revoked (
        session_id uuid primary key, until timestamptz not null
    );
    create table if not exists identity.api_keys (
        key_id text primary key, digest bytea not null, made_at timestamptz not null, used_at timestamptz
    );
    create table if not exists identity.passkeys (
        passkey_id uuid primary key, realm text not null, subject text not null, secret text not null,
        made_at timestamptz not null, used_at timestamptz, credential bytea not null unique, sign_count bigint not null
    );
    create index if not exists passkeys_by_subject on identity.passkeys (subject);
    create table if not exists identity.challenges (
        digest bytea primary key, purpose text not null, subject text, words bytea, made_at timestamptz not null,
        expires_at timestamptz not null
    );
    create index if not exists challenges_by_end on identity.challenges (expires_at);
    create table if not exists identity.contacts (
        order_id text primary key, index bytea not null, key_id text not null, subject text not null,
        address text not null, made_at timestamptz not null, placed_at timestamptz, claimed_by text,
        settled boolean not null default false
    );
    create index if not exists contacts_by_index on identity.contacts (index, made_at);
    create index if not exists contacts_by_subject on identity.contacts (subject);
    create index if not exists contacts_by_account on identity.contacts (claimed_by) where claimed_by is not null;
    create index if not exists contacts_by_key on identity.contacts (key_id);
    create index if not exists contacts_by_time on identity.contacts (made_at);
    create table if not exists identity.followed (
        follower text primary key, position bigint not null, event_id uuid
    );
    create table if not exists identity.languages (
        subject text primary key, language text not null
    );
    create table if not exists identity.mails (
        mail_id uuid primary key, kind text not null, realm text not null, index bytea, subject text,
        words bytea not null, made_at timestamptz not null, due timestamptz not null, attempts int not null default 0,
        state text not null default 'due' check (state in ('due', 'sent', 'held', 'dropped'))
    );
    create unique index if not exists mails_once on identity.mails (realm, kind, index)
        where state = 'due' and index is not null;
    create index if not exists mails_due on identity.mails (due) where state = 'due';
    create index if not exists mails_by_subject on identity.mails (subject);
    create index if not exists mails_by_index on identity.mails (realm, index);
    create index if not exists mails_by_time on identity.mails (made_at);
"""
ALONE = "select pg_advisory_xact_lock(hashtextextended('identity.ddl', 0))"


async def prepare(sessions: Sessions) -> None:
    """Make what is missing of the schema."""

    async def work(connection: Connection) -> None:
        async with connection.transaction():
            await connection.execute(ALONE)
            await connection.execute(DDL)

    await sessions.persistently(work, PATIENCE)
