"""Passkeys and challenges in the identity store. A credential is found by the SHA-256 of its id."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import asyncpg
import structlog

from commands.accounts.ports import Realm
from commands.passkeys.ports import Purpose, StoredPasskey
from domain.shared.personal import Sealed
from infra.identity import challenges
from infra.identity.schema import PATIENCE
from infra.postgres.sessions import Sessions

CHALLENGE_BYTES = 32
CHALLENGE_LIFETIME = timedelta(minutes=5)

COLUMNS = "passkey_id, realm, subject, secret, made_at, used_at"
ADD = f"""
    insert into identity.passkeys ({COLUMNS}, credential, sign_count) values ($1, $2, $3, $4, $5, null, $6, $7)
    on conflict do nothing returning passkey_id
"""
OF = f"select {COLUMNS} from identity.passkeys where subject = $1 order by made_at, passkey_id"
FIND = f"select {COLUMNS} from identity.passkeys where realm = $1 and credential = $2"
USE = """
    update identity.passkeys set sign_count = $2, used_at = $3
     where passkey_id = $1 and (sign_count < $2 or (sign_count = 0 and $2 = 0)) returning passkey_id
"""
CHANGE = "update identity.passkeys set secret = $2 where passkey_id = $1"
REMOVE = "delete from identity.passkeys where passkey_id = $1"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PostgresPasskeys:
    """Implements commands.passkeys.ports.Passkeys."""

    sessions: Sessions

    async def challenge(self, purpose: Purpose, subject: str | None, at: datetime) -> bytes:
        made = secrets.token_bytes(CHALLENGE_BYTES)
        await self.sessions.persistently(
            lambda it: challenges.add(it, made, purpose, subject, None, at, at + CHALLENGE_LIFETIME), PATIENCE
        )
        return made

    async def take(self, challenge: bytes, purpose: Purpose, subject: str | None, at: datetime) -> bool:
        found = await self.sessions.persistently(lambda it: challenges.take(it, challenge, purpose, at), PATIENCE)
        return found is not None and found.subject == subject

    async def add(self, passkey: StoredPasskey, credential_id: bytes, sign_count: int) -> bool:
        passkey_id, realm, subject, secret, made_at, _ = passkey
        values = (passkey_id, realm, subject, secret.ciphertext, made_at, _digest(credential_id), sign_count)
        return await self.sessions.persistently(lambda it: it.fetchval(ADD, *values), PATIENCE) is not None

    async def of(self, subject: str) -> Sequence[StoredPasskey]:
        return [_stored(row) for row in await self.sessions.persistently(lambda it: it.fetch(OF, subject), PATIENCE)]

    async def find(self, realm: Realm, credential_id: bytes) -> StoredPasskey | None:
        digest = _digest(credential_id)
        row = await self.sessions.persistently(lambda it: it.fetchrow(FIND, realm, digest), PATIENCE)
        return None if row is None else _stored(row)

    async def use(self, passkey_id: UUID, sign_count: int, at: datetime) -> bool:
        values = (passkey_id, sign_count, at)
        used = await self.sessions.persistently(lambda it: it.fetchval(USE, *values), PATIENCE)
        if used is None:
            log.warning("passkey refused, its counter went back: there may be a copy", passkey_id=str(passkey_id))
        return used is not None

    async def change(self, passkey_id: UUID, secret: Sealed) -> None:
        await self.sessions.persistently(lambda it: it.execute(CHANGE, passkey_id, secret.ciphertext), PATIENCE)

    async def remove(self, passkey_id: UUID) -> None:
        await self.sessions.persistently(lambda it: it.execute(REMOVE, passkey_id), PATIENCE)


def _stored(row: asyncpg.Record) -> StoredPasskey:
    secret = Sealed(subject=row["subject"], ciphertext=row["secret"])
    return StoredPasskey(row["passkey_id"], Realm(row["realm"]), row["subject"], secret, row["made_at"], row["used_at"])


def _digest(credential_id: bytes) -> bytes:
    return sha256(credential_id).digest()
