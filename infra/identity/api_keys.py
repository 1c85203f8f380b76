"""Digests of API keys, and when each was last used."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from commands.ports import StoreUnavailable
from infra.identity.schema import PATIENCE
from infra.postgres.sessions import Sessions
from infra.security.staff_access import StaffUnknown, digest_of

ADD = "insert into identity.api_keys (key_id, digest, made_at) values ($1, $2, $3) on conflict do nothing"
DIGESTS = "select key_id, digest from identity.api_keys"
USED = "update identity.api_keys set used_at = $2 where key_id = any($1) and (used_at is null or used_at < $2)"
USES = "select key_id, used_at from identity.api_keys where key_id = any($1) and used_at is not null"


@dataclass(slots=True)
class PostgresApiKeys:
    """Implements commands.staff.ports.KeyDigests, and read_api.ports.KeyUses."""

    sessions: Sessions
    _noted: dict[str, datetime] = field(default_factory=dict)

    async def add(self, key_id: str, secret: str, at: datetime) -> bool:
        done = await self.sessions.persistently(lambda it: it.execute(ADD, key_id, digest_of(secret), at), PATIENCE)
        return done == "INSERT 0 1"

    async def digests(self) -> Mapping[str, bytes]:
        """Raises StoreUnavailable."""
        rows = await self.sessions.persistently(lambda it: it.fetch(DIGESTS), PATIENCE)
        return {row["key_id"]: row["digest"] for row in rows}

    async def note_use(self, key_ids: Collection[str], at: datetime) -> None:
        """To the hour, and so once an hour for each key. Raises StoreUnavailable."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        if new := [it for it in key_ids if self._noted.get(it) != hour]:
            await self.sessions.persistently(lambda it: it.execute(USED, new, hour), PATIENCE)
            self._noted.update(dict.fromkeys(new, hour))

    async def __call__(self, key_ids: Collection[str]) -> Mapping[str, datetime]:
        try:
            rows = await self.sessions.persistently(lambda it: it.fetch(USES, list(key_ids)), PATIENCE)
        except StoreUnavailable as error:
            raise StaffUnknown(str(error)) from error
        return {row["key_id"]: row["used_at"] for row in rows}
