"""Personal data under a key of its subject's own (AES-256-GCM, NIST SP 800-38D). No key, no data."""

import base64
import binascii
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.shared.personal import Sealed
from infra.postgres.batching import Batcher
from infra.postgres.sessions import Connection, Sessions

PATIENCE = 5.0
GROUP, WAITING = 64, 4096
KEY_BYTES, KEY_ID_BYTES, NONCE_BYTES = 32, 16, 12

DDL = """
    create schema if not exists vault;
    create table if not exists vault.subject_keys (
        subject    text primary key,
        key_id     uuid not null,
        wrapped    bytea not null,
        created_at timestamptz not null default now()
    );
"""
FIND = "select key_id, wrapped from vault.subject_keys where subject = $1"

# A subject is missing from the answer when somebody else makes its key at this very moment.
MAKE = """
    with made as (
        insert into vault.subject_keys (subject, key_id, wrapped)
        select * from unnest($1::text[], $2::uuid[], $3::bytea[]) new (subject, key_id, wrapped) order by subject
        on conflict do nothing returning subject, key_id, wrapped
    )
    select subject, key_id, wrapped from made
    union all select subject, key_id, wrapped from vault.subject_keys where subject = any($1)
"""
FORGET = "delete from vault.subject_keys where subject = $1"


class BadVaultKey(ValueError):
    """The vault's own key is not one, or not the one that the keys were wrapped with."""


class NotSealedHere(ValueError):
    """The ciphertext was changed, or sealed for somebody else."""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A subject's key and its id; a subject who comes back after being forgotten has another one."""

    key_id: UUID
    cipher: AESGCM


def vault_key(text: str) -> AESGCM:
    """The key that wraps all others, from its base64. Raises BadVaultKey."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadVaultKey(f"COUNTERFOIL_VAULT_KEY must be {KEY_BYTES} bytes in base64.")
    return AESGCM(key)


def unwrap(wrapping: AESGCM, subject: str, key_id: UUID, wrapped: bytes) -> SubjectKey:
    """A subject's key out of what is stored of it. Raises BadVaultKey."""
    try:
        key = wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound(subject, key_id))
    except InvalidTag:
        raise BadVaultKey("COUNTERFOIL_VAULT_KEY is not the key that this vault was filled with.") from None
    return SubjectKey(key_id, AESGCM(key))


@dataclass(slots=True)
class PostgresVault:
    """Implements commands.ports.Vault on the schema `vault`. Raises StoreUnavailable.

    A ciphertext names its key and is bound to its subject. Keys are kept for `kept_for` seconds at most, so a
    forgotten one is out of every process by then.
    """

    sessions: Sessions
    wrapping: AESGCM
    most_kept: int = 10_000
    kept_for: float = 60.0
    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[str, tuple[float, SubjectKey]] = field(default_factory=OrderedDict)
    _making: Batcher[str, SubjectKey | None] = field(init=False)

    def __post_init__(self) -> None:
        self._making = Batcher(self._make_all_of, 1, GROUP, WAITING, PATIENCE)

    async def prepare(self) -> None:
        """Make what is missing of the schema."""

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock(hashtextextended('vault.ddl', 0))")
                await connection.execute(DDL)

        await self.sessions.persistently(work, PATIENCE)

    async def seal(self, subject: str, value: bytes) -> Sealed:
        key = self._at_hand(subject) or await self._make(subject)
        nonce = os.urandom(NONCE_BYTES)
        sealed = key.key_id.bytes + nonce + key.cipher.encrypt(nonce, value, _bound(subject, key.key_id))
        return Sealed(subject=subject, ciphertext=base64.urlsafe_b64encode(sealed).decode())

    async def open(self, sealed: Sealed) -> bytes | None:
        """None when the subject has been forgotten. Raises NotSealedHere."""
        key = self._at_hand(sealed.subject) or await self._find(sealed.subject)
        try:
            data = base64.urlsafe_b64decode(sealed.ciphertext)
            key_id = UUID(bytes=data[:KEY_ID_BYTES])
        except ValueError:
            raise NotSealedHere("That is no ciphertext of ours.") from None
        if key is None or key.key_id != key_id:
            return None
        nonce, ciphertext = data[KEY_ID_BYTES:][:NONCE_BYTES], data[KEY_ID_BYTES + NONCE_BYTES :]
        try:
            return key.cipher.decrypt(nonce, ciphertext, _bound(sealed.subject, key_id))
        except (InvalidTag, ValueError):
            raise NotSealedHere("The ciphertext was changed.") from None

    async def forget(self, subject: str) -> None:
        """Destroy the subject's key; whatever was sealed with it is noise from now on."""

        async def work(connection: Connection) -> None:
            await connection.execute(FORGET, subject)

        self._kept.pop(subject, None)
        await self.sessions.persistently(work, PATIENCE)
        self._kept.pop(subject, None)

    def _at_hand(self, subject: str) -> SubjectKey | None:
        until, key = self._kept.get(subject, (0.0, None))
        return key if self.clock() < until else None

    async def _find(self, subject: str) -> SubjectKey | None:
        async def work(connection: Connection) -> SubjectKey | None:
            row = await connection.fetchrow(FIND, subject)
            return None if row is None else unwrap(self.wrapping, subject, row["key_id"], row["wrapped"])

        asked_at = self.clock()
        key = await self.sessions.persistently(work, PATIENCE)
        if key is not None:
            self._keep(subject, key, asked_at)
        return key

    async def _make(self, subject: str) -> SubjectKey:
        """The subject's key, made if need be: whoever is first makes the key of all."""
        while (key := await self._making(subject)) is None:
            pass
        return key

    async def _make_all_of(self, subjects: Sequence[str]) -> Sequence[SubjectKey | None]:
        ids = [uuid4() for _ in subjects]
        fresh = [self._fresh(subject, key_id) for subject, key_id in zip(subjects, ids, strict=True)]

        async def work(connection: Connection) -> Mapping[str, SubjectKey]:
            rows = await connection.fetch(MAKE, subjects, ids, fresh)
            return {row["subject"]: unwrap(self.wrapping, *row) for row in rows}

        asked_at = self.clock()
        keys = await self.sessions.persistently(work, PATIENCE)
        for subject, key in keys.items():
            self._keep(subject, key, asked_at)
        return [keys.get(subject) for subject in subjects]

    def _fresh(self, subject: str, key_id: UUID) -> bytes:
        """A new key as it is stored: behind its nonce, wrapped."""
        nonce = os.urandom(NONCE_BYTES)
        key = AESGCM.generate_key(8 * KEY_BYTES)
        return nonce + self.wrapping.encrypt(nonce, key, _bound(subject, key_id))

    def _keep(self, subject: str, key: SubjectKey, asked_at: float) -> None:
        self._kept[subject] = (asked_at + self.kept_for, key)
        self._kept.move_to_end(subject)
        while len(self._kept) > self.most_kept:
            self._kept.popitem(last=False)


def _bound(subject: str, key_id: UUID) -> bytes:
    """What a ciphertext is bound to: nobody can pass it off as another's, or as one of another key."""
    return key_id.bytes + subject.encode()
