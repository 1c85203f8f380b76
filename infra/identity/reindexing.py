"""Rewrites the index of addresses under the present key, while the vault key before it is still set."""

from collections.abc import Sequence

import asyncpg

from commands.accounts.ports import Realm
from commands.ports import Vault
from domain.shared.personal import Sealed
from infra.identity.schema import PATIENCE
from infra.identity.store import PostgresIdentity

AT_A_TIME = 500

OLD = """
    select realm, index, subject, address from identity.emails
     where key_id <> $1 and (realm, index) > ($2, $3) order by realm, index limit $4
"""
REWRITE = """
    update identity.emails set index = $3, key_id = $4 where realm = $1 and index = $2
       and not exists (select from identity.emails where realm = $1 and index = $3)
"""


async def reindex(identity: PostgresIdentity, vault: Vault) -> int:
    """Answers how many addresses were rewritten. Those that cannot be opened any more stay. Raises StoreUnavailable."""
    key_id, done, last = identity.index.hashing.key_id, 0, ("", b"")
    while rows := await _old(identity, key_id, *last):
        for row in rows:
            done += await _rewritten(identity, vault, row, key_id)
        last = rows[-1]["realm"], rows[-1]["index"]
    return done


async def _old(identity: PostgresIdentity, key_id: str, realm: str, place: bytes) -> Sequence[asyncpg.Record]:
    """Rows under other keys, behind a place."""
    return await identity.sessions.persistently(lambda it: it.fetch(OLD, key_id, realm, place, AT_A_TIME), PATIENCE)


async def _rewritten(identity: PostgresIdentity, vault: Vault, row: asyncpg.Record, key_id: str) -> bool:
    realm, before, subject, ciphertext = row
    address = await vault.open(Sealed(subject=subject, ciphertext=ciphertext))
    if address is None:
        return False
    place = identity.index.place(Realm(realm), address.decode())
    await identity.sessions.persistently(lambda it: it.execute(REWRITE, realm, before, place, key_id), PATIENCE)
    return True
