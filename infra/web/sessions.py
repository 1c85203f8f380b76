"""Sessions of browsers in PostgreSQL, encrypted under the secret in the cookie (ADR 56).

The store holds neither the secret nor anything that opens a row: both the row's key and the key that encrypts it are
derived from the secret by HKDF (RFC 5869).
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import asyncpg
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from commands.ports import StoreUnavailable
from infra.postgres.sessions import Connection
from infra.postgres.sessions import Sessions as Connections
from infra.web.schema import PATIENCE, prepare
from web.ports import Change, Session, SessionsUnavailable

T = TypeVar("T")
Work: TypeAlias = Callable[[Connection], Awaitable[T]]

NONCE_BYTES = 12
ROW, SEAL = b"counterfoil web session row", b"counterfoil web session seal"

DDL = """
    create table if not exists web.sessions (
        id bytea primary key,
        sealed bytea not null,
        ends timestamptz not null
    );
    create index if not exists sessions_ends on web.sessions (ends);
"""
FIND = "select sealed from web.sessions where id = $1 and ends > now()"
LOCKED = "select sealed from web.sessions where id = $1 and ends > now() for update"
PUT = "insert into web.sessions (id, sealed, ends) values ($1, $2, to_timestamp($3))"
CHANGE = "update web.sessions set sealed = $2, ends = to_timestamp($3) where id = $1"
REMOVE = "delete from web.sessions where id = $1"
REMOVE_ENDED = "delete from web.sessions where ends <= now()"

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Session)


@dataclass(frozen=True, slots=True)
class _Keys:
    row: bytes
    cipher: AESGCM

    @classmethod
    def of(cls, secret: str) -> "_Keys":
        return cls(_derived(secret, ROW), AESGCM(_derived(secret, SEAL)))

    def sealed(self, session: Session) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self.cipher.encrypt(nonce, _encoder.encode(session), self.row)

    def opened(self, sealed: bytes) -> Session | None:
        """None for a row that was changed, or written by a version whose sessions had other fields."""
        try:
            return _decoder.decode(self.cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self.row))
        except (InvalidTag, msgspec.MsgspecError):
            return None


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, purpose).derive(secret.encode())


@dataclass(frozen=True, slots=True)
class PostgresSessions:
    """Implements web.ports.Sessions."""

    connections: Connections

    async def prepare(self) -> None:
        """Make the table if it is missing, and remove sessions that have ended."""

        await prepare(self.connections, DDL)
        await self.remove_ended()

    async def find(self, secret: str) -> Session | None:
        keys = _Keys.of(secret)

        async def work(connection: Connection) -> Session | None:
            sealed = await connection.fetchval(FIND, keys.row)
            return None if sealed is None else keys.opened(sealed)

        return await self._done(work)

    async def put(self, secret: str, session: Session) -> None:
        keys = _Keys.of(secret)

        async def work(connection: Connection) -> None:
            await connection.execute(PUT, keys.row, keys.sealed(session), session.ends)

        await self._done(work)

    async def change(self, secret: str, change: Change) -> Session | None:
        keys = _Keys.of(secret)

        async def work(connection: Connection) -> Session | None:
            async with connection.transaction():
                sealed = await connection.fetchval(LOCKED, keys.row)
                present = None if sealed is None else keys.opened(sealed)
                if present is None:
                    return None
                changed = await change(present)
                await connection.execute(CHANGE, keys.row, keys.sealed(changed), changed.ends)
                return changed

        return await self._done(work)

    async def remove(self, secret: str) -> None:
        keys = _Keys.of(secret)

        async def work(connection: Connection) -> None:
            await connection.execute(REMOVE, keys.row)

        await self._done(work)

    async def remove_ended(self) -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(REMOVE_ENDED)

        await self._done(work)

    async def _done(self, work: Work[T]) -> T:
        try:
            return await self.connections.persistently(work, PATIENCE)
        except (StoreUnavailable, asyncpg.PostgresError, TimeoutError) as error:
            raise SessionsUnavailable(type(error).__name__) from error
