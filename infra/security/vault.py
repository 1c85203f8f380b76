"""Personal data under a key of its subject's own (AES-256-GCM, NIST SP 800-38D). No key, no data."""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import asyncpg
from cachetools import TLRUCache
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commands.ports import StoreUnavailable
from domain.shared.personal import Sealed
from infra.postgres.batching import Batcher
from infra.postgres.sessions import Connection, Sessions
from infra.security.wrapping import (
    NONCE_BYTES,
    BadVaultKey,
    NoWrappingKey,
    SubjectKey,
    WrappingKeys,
    bound,
    encrypted,
    new_key,
    unwrap,
    wrap,
)

PATIENCE = 5.0
KEY_WITHIN, PAUSE = 2.0, 0.02
GROUP, WAITING = 64, 4096
NEWEST_FOR = 1.0
KEY_ID_BYTES = 16

DDL = """
    create schema if not exists vault;
    create table if not exists vault.wrapping_keys (
        wrapping_id  uuid primary key,
        made_at      timestamptz not null default clock_timestamp(),
        condemned_at timestamptz
    );
    create table if not exists vault.doomed_keys (wrapping_id uuid primary key);
    create table if not exists vault.subject_keys (
        subject    text primary key,
        key_id     uuid not null,
        wrapped    bytea not null,
        created_at timestamptz not null default now()
    );
    do $$ begin
        if not exists (select from pg_attribute
                        where attrelid = 'vault.subject_keys'::regclass and attname = 'wrapped_by') then
            alter table vault.subject_keys add column wrapped_by uuid references vault.wrapping_keys;
            create index wrapped_by_vault_key on vault.subject_keys (subject) where wrapped_by is null;
        end if;
    end $$;
"""
ALONE = "select pg_advisory_xact_lock(hashtextextended('vault.ddl', 0))"

NAMED = "select wrapping_id from vault.wrapping_keys order by made_at, wrapping_id"
NEWEST = "select wrapping_id from vault.wrapping_keys order by made_at desc, wrapping_id desc limit 1"
ADD = "insert into vault.wrapping_keys (wrapping_id) values ($1)"
FIND = "select subject, key_id, wrapped, wrapped_by from vault.subject_keys where subject = any($1)"

# A subject is missing from the answer when its key is made by another transaction at this very moment. The foreign key
# refuses a wrapping key that is destroyed already.
MAKE = """
    with made as (
        insert into vault.subject_keys (subject, key_id, wrapped, wrapped_by)
        select subject, key_id, wrapped, $4
          from unnest($1::text[], $2::uuid[], $3::bytea[]) new (subject, key_id, wrapped) order by subject
        on conflict do nothing returning subject, key_id, wrapped, wrapped_by
    )
    select subject, key_id, wrapped, wrapped_by from made
    union all select subject, key_id, wrapped, wrapped_by from vault.subject_keys where subject = any($1)
"""
HAS_KEY = "select exists (select from vault.subject_keys where subject = $1)"
FORGET = "delete from vault.subject_keys where subject = $1 returning subject"

# Each key that there is may have wrapped the destroyed one, so none of them may live on. This is a statement of its own
# behind FORGET, for it has to see a wrapping key that was made while FORGET waited for its row.
CONDEMN = "update vault.wrapping_keys set condemned_at = now() where condemned_at is null"


Found = SubjectKey | BadVaultKey


class NotSealedHere(ValueError):
    """The ciphertext was changed, or sealed for another subject."""


async def prepare(sessions: Sessions) -> None:
    """Make what is missing of the schema: enough to forget."""

    async def work(connection: Connection) -> None:
        async with connection.transaction():
            await connection.execute(ALONE)
            await connection.execute(DDL)

    await sessions.persistently(work, PATIENCE)


@dataclass(slots=True)
class PostgresVault:
    """Implements commands.ports.Vault on the schema `vault`. Raises StoreUnavailable.

    A ciphertext names its key and is bound to its subject. To seal, the database is always asked for the key: nothing
    is ever sealed with a key that was destroyed before. To open, a key is kept for `kept_for` seconds at most.
    """

    sessions: Sessions
    wrapping: WrappingKeys
    most_kept: int = 10_000
    kept_for: float = 1.0
    clock: Callable[[], float] = time.monotonic
    _kept: TLRUCache[str, tuple[float, SubjectKey]] = field(init=False)
    """Keys, and until when they may be used: counted from before the database was asked for them."""

    _sweep: asyncio.TimerHandle | None = None
    _newest: tuple[float, UUID] | None = None
    _making: Batcher[str, SubjectKey | None] = field(init=False)
    _finding: Batcher[str, SubjectKey | None] = field(init=False)

    def __post_init__(self) -> None:
        self._kept = TLRUCache(self.most_kept, ttu=lambda _, kept, __: kept[0], timer=self.clock)
        self._making = Batcher(self._make_all_of, 1, GROUP, WAITING, PATIENCE)
        self._finding = Batcher(self._find_all_of, 2, GROUP, WAITING, PATIENCE)

    async def prepare(self) -> None:
        """Make what is missing of the schema, and the first wrapping key. Raises NoWrappingKey, BadVaultKey."""
        await prepare(self.sessions)

        async def work(connection: Connection) -> Sequence[UUID]:
            async with connection.transaction():
                await connection.execute(ALONE)
                if not (named := [row["wrapping_id"] for row in await connection.fetch(NAMED)]):
                    self.wrapping.make(first := uuid4())
                    await connection.execute(ADD, first)
                return named

        deadline = time.monotonic() + KEY_WITHIN
        while True:
            named = await self.sessions.persistently(work, PATIENCE)
            try:
                self.wrapping.prove(named)
                return
            except NoWrappingKey:  # a rotation may have destroyed it since we saw its name
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(PAUSE)

    async def seal(self, subject: str, value: bytes) -> Sealed:
        key = await self._make(subject)
        sealed = key.key_id.bytes + encrypted(key.cipher, value, bound(subject, key.key_id))
        return Sealed(subject=subject, ciphertext=base64.urlsafe_b64encode(sealed).decode())

    async def open(self, sealed: Sealed) -> bytes | None:
        """None when the subject has been forgotten. Raises NotSealedHere."""
        try:
            data = base64.urlsafe_b64decode(sealed.ciphertext)
            key_id = UUID(bytes=data[:KEY_ID_BYTES])
        except ValueError:
            raise NotSealedHere("That is no ciphertext of ours.") from None
        key = self._at_hand(sealed.subject)
        if key is None or key.key_id != key_id:
            key = await self._finding(sealed.subject)
        if key is None or key.key_id != key_id:
            return None
        nonce, ciphertext = data[KEY_ID_BYTES:][:NONCE_BYTES], data[KEY_ID_BYTES + NONCE_BYTES :]
        try:
            return key.cipher.decrypt(nonce, ciphertext, bound(sealed.subject, key_id))
        except (InvalidTag, ValueError):
            raise NotSealedHere("The ciphertext was changed.") from None

    async def has_key(self, subject: str) -> bool:
        async def work(connection: Connection) -> bool:
            return bool(await connection.fetchval(HAS_KEY, subject))

        return await self.sessions.persistently(work, PATIENCE)

    async def forget(self, subject: str) -> None:
        """Destroy the subject's key; what was sealed with it is noise from now on.

        What the files of the database still hold of the key is destroyed with the wrapping keys of this moment, at the
        next rotation.
        """

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                if await connection.fetchval(FORGET, subject) is not None:
                    await connection.execute(CONDEMN)

        self._kept.pop(subject, None)
        await self.sessions.persistently(work, PATIENCE)
        self._kept.pop(subject, None)

    def _at_hand(self, subject: str) -> SubjectKey | None:
        kept = self._kept.get(subject)
        return None if kept is None else kept[1]

    async def _make(self, subject: str) -> SubjectKey:
        """The subject's key, made if need be: the first to come makes the key of all."""
        while (key := await self._making(subject)) is None:
            pass
        return key

    async def _find_all_of(self, subjects: Sequence[str]) -> Sequence[Found | None]:
        async def work(connection: Connection) -> Mapping[str, Found] | None:
            return self._unwrapped(await connection.fetch(FIND, subjects))

        return await self._with_living_keys(subjects, work)

    async def _make_all_of(self, subjects: Sequence[str]) -> Sequence[Found | None]:
        async def work(connection: Connection) -> Mapping[str, Found] | None:
            newest = await self._newest_of(connection)
            if (wrapping := self.wrapping.get(newest)) is None:
                self._newest = None
                return None
            ids = [uuid4() for _ in subjects]
            fresh = [wrap(wrapping, *it, new_key()) for it in zip(subjects, ids, strict=True)]
            try:
                return self._unwrapped(await connection.fetch(MAKE, subjects, ids, fresh, newest))
            except asyncpg.ForeignKeyViolationError:
                self._newest = None
                return None

        return await self._with_living_keys(subjects, work)

    async def _newest_of(self, connection: Connection) -> UUID:
        """The wrapping key for new keys. A rotation is through when no process uses another one any more."""
        if self._newest is None or self.clock() >= self._newest[0]:
            asked_at = self.clock()
            row = await connection.fetchrow(NEWEST)
            if row is None:
                raise StoreUnavailable("This vault has no wrapping key yet.")
            self._newest = (asked_at + NEWEST_FOR, row["wrapping_id"])
        return self._newest[1]

    async def _with_living_keys(
        self, subjects: Sequence[str], work: Callable[[Connection], Awaitable[Mapping[str, Found] | None]]
    ) -> Sequence[Found | None]:
        """Do the work until it comes upon no wrapping key that was destroyed meanwhile."""
        deadline = time.monotonic() + KEY_WITHIN
        while True:
            asked_at = self.clock()
            if (keys := await self.sessions.persistently(work, PATIENCE)) is not None:
                break
            if time.monotonic() > deadline:
                raise StoreUnavailable("A wrapping key that the database names is not in the folder of the keys.")
            await asyncio.sleep(PAUSE)
        for subject, key in keys.items():
            if isinstance(key, SubjectKey):
                self._keep(subject, key, asked_at)
        return [keys.get(subject) for subject in subjects]

    def _unwrapped(self, rows: Sequence[asyncpg.Record]) -> Mapping[str, Found] | None:
        """The keys, and errors in the place of those that cannot be opened; None if a wrapping key is destroyed."""
        found = dict[str, Found]()
        for subject, key_id, wrapped, wrapped_by in rows:
            try:
                if not (wrapping := self.wrapping.those_of(wrapped_by)):
                    return None
                found[subject] = SubjectKey(key_id, AESGCM(unwrap(wrapping, subject, key_id, wrapped)))
            except BadVaultKey as error:
                found[subject] = error
        return found

    def _keep(self, subject: str, key: SubjectKey, asked_at: float) -> None:
        self._kept[subject] = (asked_at + self.kept_for, key)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(self.kept_for, self._drop_old)

    def _drop_old(self) -> None:
        """A key is out of memory when its time is over, also where nothing is asked for any more."""
        self._sweep = None
        self._kept.expire()
        if len(self._kept):
            self._sweep = asyncio.get_running_loop().call_later(self.kept_for, self._drop_old)
