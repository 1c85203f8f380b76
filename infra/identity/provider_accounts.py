"""Which member has which account at the identity provider, and logins that are under way there."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import msgspec

from commands.ports import Vault
from commands.staff.ports import Handshake, ProviderLogin
from infra.identity import challenges
from infra.identity.schema import PATIENCE
from infra.postgres.sessions import Connection, Sessions
from infra.security.derived_keys import Box, KeyedHash

PURPOSE = "provider-login"
SECRET_BYTES = 32
LIFETIME = timedelta(minutes=10)

FIND = "select subject, id from identity.credentials where kind = 'provider' and id = any($1)"
UNBIND = "delete from identity.credentials where subject = $1 and kind = 'provider'"
BIND = """
    insert into identity.credentials (subject, kind, id, secret, made_at) values ($1, 'provider', $2, $3, $4)
"""


class Noted(msgspec.Struct, frozen=True):
    """What is kept of a login that is under way."""

    nonce: str
    verifier: str
    invitation: str | None
    fresh: bool
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class PostgresProviderAccounts:
    """Implements commands.staff.ports.ProviderAccounts. Accounts are found by a keyed hash of issuer and subject."""

    sessions: Sessions
    vault: Vault
    hashing: KeyedHash
    box: Box

    async def begin(self, invitation: str | None, fresh: bool, at: datetime) -> Handshake:
        state, nonce, verifier = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(3))
        noted = Noted(nonce, verifier, invitation, fresh, at)
        words = self.box.seal(msgspec.json.encode(noted), state.encode())
        await self.sessions.persistently(
            lambda it: challenges.add(it, state.encode(), PURPOSE, None, words, at, at + LIFETIME), PATIENCE
        )
        return Handshake(state, nonce, verifier, invitation, fresh, at)

    async def take(self, state: str, at: datetime) -> Handshake | None:
        found = await self.sessions.persistently(lambda it: challenges.take(it, state.encode(), PURPOSE, at), PATIENCE)
        if found is None or found.words is None:
            return None
        noted = msgspec.json.decode(self.box.open(found.words, state.encode()), type=Noted)
        return Handshake(state, noted.nonce, noted.verifier, noted.invitation, noted.fresh, noted.begun_at)

    async def subject_of(self, login: ProviderLogin) -> str | None:
        row = await self.sessions.persistently(lambda it: it.fetchrow(FIND, self._places(login)), PATIENCE)
        return None if row is None else str(row["subject"])

    async def bind(self, subject: str, login: ProviderLogin, at: datetime) -> bool:
        sealed = await self.vault.seal(subject, msgspec.json.encode([login.issuer, login.subject]))
        places = self._places(login)

        async def work(connection: Connection) -> bool:
            async with connection.transaction():
                row = await connection.fetchrow(FIND, places)
                if row is not None and row["subject"] != subject:
                    return False
                await connection.execute(UNBIND, subject)
                await connection.execute(BIND, subject, places[0], sealed.ciphertext, at)
                return True

        try:
            return await self.sessions.persistently(work, PATIENCE)
        except asyncpg.UniqueViolationError:
            return False

    async def is_bound(self, subject: str) -> bool:
        query = "select exists (select from identity.credentials where subject = $1 and kind = 'provider')"
        found: bool = await self.sessions.persistently(lambda it: it.fetchval(query, subject), PATIENCE)
        return found

    def _places(self, login: ProviderLogin) -> list[str]:
        return [it.hex() for it in self.hashing.digests(f"{login.issuer}\n{login.subject}".encode())]
