"""Mailed links. The token of a link follows from the id of its mail and a key outside the database, so that a mail that
is sent twice has the same link, and no table holds one."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import asyncpg

from commands.accounts.ports import Link, LinkKind, Realm
from infra.postgres.sessions import Connection
from infra.security.derived_keys import Box, KeyedHash

LIFETIME = timedelta(hours=1)
LIFETIMES = {LinkKind.INVITE: timedelta(days=7)}
"""Of links that live longer."""

COLUMNS = "kind, realm, mail_id, subject, address"
OPEN = "ended_at is null and expires_at > $2"
FIND = f"select {COLUMNS} from identity.links where digest = $1 and {OPEN} and kind = $3"
USE = f"update identity.links set ended_at = $2 where digest = $1 and {OPEN} returning {COLUMNS}"
END = "update identity.links set ended_at = $2 where subject = $1 and ended_at is null"
REPLACE = """
    update identity.links set ended_at = $7 where kind = $1 and realm = $2 and (index = $3 or subject = $4)
       and mail_id <> $5 and made_at <= $6 and ended_at is null
"""
MAKE = """
    insert into identity.links (digest, kind, realm, index, subject, mail_id, address, made_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (digest) do update set expires_at = excluded.expires_at where links.ended_at is null
"""
CLEAN = "delete from identity.links where expires_at <= $1"
KEPT = timedelta(days=7)
"""A link that has ended stays in the table, so that a mail that is sent again does not bring it back."""


def token_of(hashing: KeyedHash, mail_id: UUID) -> str:
    """256 bits that only the holder of the key can compute."""
    return urlsafe_b64encode(hashing.digest(mail_id.bytes)).decode().rstrip("=")


async def make(
    connection: Connection, box: Box, token: str, link: Link, place: bytes, at: datetime, made_at: datetime
) -> None:
    """Make the link of a mail that is about to be sent, and end older ones for the same purpose.

    `made_at` is when the mail was asked for: of two mails, the one that was asked for later counts. In a transaction of
    the caller's.
    """
    await connection.execute(REPLACE, link.kind, link.realm, place, link.subject, link.mail_id, made_at, at)
    sealed = box.seal(link.address.encode(), link.mail_id.bytes)
    values = (
        link.kind,
        link.realm,
        place,
        link.subject,
        link.mail_id,
        sealed,
        made_at,
        at + LIFETIMES.get(link.kind, LIFETIME),
    )
    await connection.execute(MAKE, _digest(token), *values)


async def find(connection: Connection, box: Box, token: str, kind: LinkKind, at: datetime) -> Link | None:
    """The link, without using it up."""
    row = await connection.fetchrow(FIND, _digest(token), at, kind)
    return None if row is None else _link(row, box)


async def use(connection: Connection, box: Box, token: str, at: datetime) -> Link | None:
    """The link, which is used up; None if it is already. In a transaction of the caller's."""
    row = await connection.fetchrow(USE, _digest(token), at)
    return None if row is None else _link(row, box)


def _link(row: asyncpg.Record, box: Box) -> Link:
    address = box.open(row["address"], row["mail_id"].bytes).decode()
    return Link(LinkKind(row["kind"]), Realm(row["realm"]), row["mail_id"], row["subject"], address)


def _digest(token: str) -> bytes:
    try:
        return sha256(urlsafe_b64decode(token + "=" * (-len(token) % 4))).digest()
    except ValueError:
        return b""


async def clean(connection: Connection, at: datetime) -> None:
    """Delete links that no mail can bring back any more."""
    await connection.execute(CLEAN, at - KEPT)
