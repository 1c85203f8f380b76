"""Key rotation: the keys of people are wrapped by a new wrapping key, and all wrapping keys before it are destroyed.

A key that was deleted still stands in the heap, the log and the copies of the database, wrapped. After a rotation that
is noise, for what wrapped it is in no file any more.

1. A new wrapping key is written to its file, and named in the database. From then on new keys are wrapped by it.
2. The living keys are wrapped anew, batch by batch. The shop seals and opens meanwhile.
3. In one transaction the other wrapping keys lose their names, which the foreign key allows when no row names them, and
   are noted as doomed.
4. The files of the doomed are overwritten and removed, then their notes.

A crash between any two steps leaves every living key readable, and the next rotation does what is left to do.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.postgres.advisory import lock
from infra.postgres.sessions import Connection, connect
from infra.security.vault import ADD
from infra.security.wrapping import BadVaultKey, NoWrappingKey, WrappingKeys, new_wrapping_id, unwrap, wrap

AT_A_TIME = 500
ROTATE_AFTER = timedelta(hours=23)
"""The age of a wrapping key that is condemned: all is destroyed within a day, with an hour to spare."""

ROTATION = "vault.rotation"
"""The lock of those who rotate; who copies keys shares it."""

CONDEMNED = """
    select count(*) > 1 or (bool_or(condemned_at is not null) and max(made_at) < now() - $1::interval)
        or exists (select from vault.doomed_keys)
        or exists (select from vault.subject_keys where wrapped_by is null)
      from vault.wrapping_keys
"""
BEGIN = "insert into vault.doomed_keys (wrapping_id) values ($1)"
TAKE = "delete from vault.doomed_keys where wrapping_id = $1"
NEXT = """
    select subject, key_id, wrapped, wrapped_by from vault.subject_keys
     where subject > $1 order by subject limit $2 for no key update
"""
WRAP = """
    update vault.subject_keys it set wrapped = new.wrapped, wrapped_by = $3
      from unnest($1::text[], $2::bytea[]) new (subject, wrapped) where it.subject = new.subject
"""
DOOM = """
    with others as (delete from vault.wrapping_keys where wrapping_id <> $1 returning wrapping_id)
    insert into vault.doomed_keys (wrapping_id) select wrapping_id from others
"""
DOOMED = "select wrapping_id from vault.doomed_keys"
STANDING = """
    select it.wrapping_id, it.made_at, it.condemned_at, count(subject) as living
      from vault.wrapping_keys it left join vault.subject_keys on wrapped_by = it.wrapping_id
     group by it.wrapping_id order by it.made_at, it.wrapping_id
"""
DURABLY = "set local synchronous_commit = on"


class Standing(NamedTuple):
    """A wrapping key: how many keys of people it wraps, and since when it is to be destroyed."""

    wrapping_id: UUID
    made_at: datetime
    condemned_at: datetime | None
    living: int


@dataclass(slots=True)
class Rotated:
    """How many living keys were wrapped anew, and how many of them the vault key itself had wrapped."""

    living: int = 0
    by_vault_key: int = 0


async def rotate(database: str, wrapping: WrappingKeys) -> Rotated:
    """Destroy every wrapping key that there is; the living keys of people are wrapped by a new one.

    Raises NoWrappingKey, BadVaultKey and KeyFolderUnusable; a living key that cannot be unwrapped ends the rotation
    before anything is destroyed.
    """
    async with _alone(database) as connection:
        return await _rotate(connection, wrapping)


async def rotate_if_due(database: str, wrapping: WrappingKeys) -> Rotated | None:
    """Rotate if a key was destroyed and the last rotation is a day ago, or if a rotation was broken off."""
    async with _alone(database) as connection:
        if await connection.fetchval(CONDEMNED, ROTATE_AFTER) or wrapping.vault.replaced:
            return await _rotate(connection, wrapping)
        return None


async def standing(connection: asyncpg.Connection) -> Sequence[Standing]:
    """The wrapping keys, oldest first."""
    return [Standing(*row) for row in await connection.fetch(STANDING)]


@asynccontextmanager
async def _alone(database: str) -> AsyncIterator[Connection]:
    connection = await connect(database, "key rotation")
    try:
        await lock(ROTATION, connection)
        yield connection
    finally:
        connection.terminate()


async def _rotate(connection: Connection, wrapping: WrappingKeys) -> Rotated:
    there = await standing(connection)
    wrapping.prove([it.wrapping_id for it in there])
    await _destroy(connection, wrapping)
    fresh = _broken_off(there, wrapping) or await _begun(connection, wrapping)
    cipher = wrapping.get(fresh)
    assert cipher is not None
    rotated = Rotated()
    await _wrap_all(connection, wrapping, fresh, cipher, rotated)
    while not await _doomed(connection, fresh):
        await _wrap_all(connection, wrapping, fresh, cipher, rotated)
    await _destroy(connection, wrapping)
    wrapping.vault.retire()
    return rotated


def _broken_off(there: Sequence[Standing], wrapping: WrappingKeys) -> UUID | None:
    """The wrapping key of a rotation that goes on, so that one that fails again and again makes no more of them.

    One that has wrapped a key which was destroyed since has to go, and so has one under the vault key before.
    """
    newest = there[-1] if len(there) > 1 else None
    if newest is None or newest.condemned_at is not None or not wrapping.is_under_present(newest.wrapping_id):
        return None
    return newest.wrapping_id


async def _destroy(connection: Connection, wrapping: WrappingKeys) -> None:
    for row in await connection.fetch(DOOMED):
        wrapping.files.destroy(row["wrapping_id"])
        await connection.execute(TAKE, row["wrapping_id"])


async def _begun(connection: Connection, wrapping: WrappingKeys) -> UUID:
    """A new wrapping key. It is doomed until it is named, so that a crash leaves no file behind."""
    fresh = new_wrapping_id()
    await connection.execute(BEGIN, fresh)
    wrapping.make(fresh)
    async with connection.transaction():
        await connection.execute(TAKE, fresh)
        await connection.execute(ADD, fresh)
    return fresh


async def _wrap_all(
    connection: Connection, wrapping: WrappingKeys, fresh: UUID, cipher: AESGCM, rotated: Rotated
) -> None:
    last = ""
    while True:
        async with connection.transaction():
            rows = await connection.fetch(NEXT, last, AT_A_TIME)
            if not rows:
                return
            old = [row for row in rows if row["wrapped_by"] != fresh]
            await connection.execute(WRAP, [row["subject"] for row in old], _anew(old, wrapping, cipher), fresh)
        rotated.living += len(old)
        rotated.by_vault_key += sum(row["wrapped_by"] is None for row in old)
        last = rows[-1]["subject"]


def _anew(rows: Sequence[asyncpg.Record], wrapping: WrappingKeys, cipher: AESGCM) -> list[bytes]:
    ciphers = {it: wrapping.those_of(it) for it in {row["wrapped_by"] for row in rows}}
    anew = list[bytes]()
    for subject, key_id, wrapped, wrapped_by in rows:
        if not ciphers[wrapped_by]:
            raise NoWrappingKey(f"The wrapping key {wrapped_by} is gone, and the database still names it.")
        try:
            key = unwrap(ciphers[wrapped_by], subject, key_id, wrapped)
        except BadVaultKey:
            raise BadVaultKey(
                f"The key {key_id} in vault.subject_keys cannot be unwrapped, so nothing was destroyed. Forget its"
                " subject, whose data cannot be read any more; then rotate again."
            ) from None
        anew.append(wrap(cipher, subject, key_id, key))
    return anew


async def _doomed(connection: Connection, fresh: UUID) -> bool:
    """Whether no key is wrapped by another one any more; then the others have lost their names, durably."""
    try:
        async with connection.transaction():
            await connection.execute(DURABLY)
            if await connection.fetchval("select exists (select from vault.subject_keys where wrapped_by is null)"):
                return False
            await connection.execute(DOOM, fresh)
            return True
    except asyncpg.ForeignKeyViolationError:
        return False
