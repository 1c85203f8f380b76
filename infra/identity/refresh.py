"""Sessions and their refresh tokens.

A refresh token is 256 random bits; the table has its SHA-256. Its successor is HMAC-SHA-256 of the token under a random
salt, so that within 30 seconds a repeated refresh gets the same successor, although no table holds one. The salt is
deleted when the successor is used. A token that comes again later ends its session, and no other one.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import asyncpg

from commands.accounts.ports import Granted, Realm, Session
from infra.clock.identity import uuid7
from infra.postgres.sessions import Connection
from infra.security.tokens import ACCESS_LIFETIME, LEEWAY

TOKEN_BYTES = SALT_BYTES = 32
GRACE = timedelta(seconds=30)
LIFETIME = timedelta(days=30)
"""A session ends when it was not used for so long."""

LONGEST = timedelta(days=180)
"""A session ends so long after the login at the latest."""

REVOKED_FOR = ACCESS_LIFETIME + 2 * LEEWAY

COLUMNS = "session_id, realm, subject, device, authenticated_at, started_at, seen_at, expires_at"
START = f"insert into identity.sessions ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $6, $7)"
ADD = "insert into identity.refresh (digest, session_id, made_at) values ($1, $2, $3)"
LOCK = f"""
    select {COLUMNS} from identity.sessions
     where session_id = (select session_id from identity.refresh where digest = $1) for update
"""
TOKEN = "select rotated_at, salt from identity.refresh where digest = $1"
ROTATE = "update identity.refresh set rotated_at = $2, salt = $3, successor = $4 where digest = $1"
USED = "update identity.refresh set salt = null where session_id = $2 and successor = $1"
SEEN = "update identity.sessions set seen_at = $2, expires_at = $3 where session_id = $1"
OF = f"select {COLUMNS} from identity.sessions where subject = $1 and expires_at > $2 order by seen_at desc"
END = """
    with ended as (
        delete from identity.sessions where subject = $1 and session_id = any($2) returning session_id
    )
    insert into identity.revoked (session_id, until) select session_id, $3 from ended
    on conflict do nothing returning session_id
"""
END_ALL = """
    with ended as (
        delete from identity.sessions where subject = $1 and session_id is distinct from $2 returning session_id
    )
    insert into identity.revoked (session_id, until) select session_id, $3 from ended on conflict do nothing
"""
OF_TOKEN = """
    select it.subject, it.session_id from identity.refresh join identity.sessions it using (session_id)
     where digest = $1
"""
CLEAN = (
    "delete from identity.sessions where expires_at <= $1",
    "delete from identity.revoked where until <= $1",
)


async def start(
    connection: Connection, realm: Realm, subject: str, device: str | None, at: datetime, authenticated_at: datetime
) -> Granted:
    """In a transaction of the caller's."""
    token = secrets.token_bytes(TOKEN_BYTES)
    session = Session(uuid7(), realm, subject, device, authenticated_at, at, at, at + LIFETIME)
    await connection.execute(
        START, session.session_id, realm, subject, device, authenticated_at, at, session.expires_at
    )
    await connection.execute(ADD, _digest(token), session.session_id, at)
    return Granted(session, _written(token))


async def refresh(connection: Connection, written: str, at: datetime) -> Granted | None:
    """In a transaction of the caller's, which commits also when the answer is None."""
    if (token := _read(written)) is None:
        return None
    digest = _digest(token)
    row = await connection.fetchrow(LOCK, digest)
    if row is None or (session := _session(row)).expires_at <= at:
        return None
    known = await connection.fetchrow(TOKEN, digest)
    if known is None:
        return None
    rotated_at, salt = known
    if rotated_at is not None:
        if salt is not None and at < rotated_at + GRACE:
            return Granted(session, _written(_successor(token, salt)))
        await end(connection, session.subject, session.session_id, at)
        return None
    salt = secrets.token_bytes(SALT_BYTES)
    following = _successor(token, salt)
    expires_at = min(at + LIFETIME, session.started_at + LONGEST)
    await connection.execute(USED, digest, session.session_id)
    await connection.execute(ROTATE, digest, at, salt, _digest(following))
    await connection.execute(ADD, _digest(following), session.session_id, at)
    await connection.execute(SEEN, session.session_id, at, expires_at)
    return Granted(session._replace(seen_at=at, expires_at=expires_at), _written(following))


async def sessions_of(connection: Connection, subject: str, at: datetime) -> Sequence[Session]:
    return [_session(row) for row in await connection.fetch(OF, subject, at)]


async def end(connection: Connection, subject: str, session_id: UUID, at: datetime) -> bool:
    return bool(await connection.fetch(END, subject, [session_id], at + REVOKED_FOR))


async def end_all(connection: Connection, subject: str, at: datetime, kept: UUID | None = None) -> None:
    await connection.execute(END_ALL, subject, kept, at + REVOKED_FOR)


async def end_of(connection: Connection, written: str, at: datetime) -> None:
    token = _read(written)
    row = None if token is None else await connection.fetchrow(OF_TOKEN, _digest(token))
    if row is not None:
        await end(connection, row["subject"], row["session_id"], at)


async def clean(connection: Connection, at: datetime) -> None:
    """Delete what is over."""
    for statement in CLEAN:
        await connection.execute(statement, at)


def _session(row: asyncpg.Record) -> Session:
    return Session(row["session_id"], Realm(row["realm"]), *tuple(row)[2:])


def _successor(token: bytes, salt: bytes) -> bytes:
    return hmac.digest(salt, token, "sha256")


def _digest(token: bytes) -> bytes:
    return sha256(token).digest()


def _written(token: bytes) -> str:
    return urlsafe_b64encode(token).decode().rstrip("=")


def _read(written: str) -> bytes | None:
    try:
        token = urlsafe_b64decode(written + "=" * (-len(written) % 4))
    except ValueError:
        return None
    return token if len(token) == TOKEN_BYTES else None
