"""Rewrites the indexes of addresses under the present key, while the vault key before it is still set."""

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
OLD_CONTACTS = """
    select order_id, subject, address from identity.contacts
     where key_id <> $1 and order_id > $2 order by order_id limit $3
"""
REWRITE_CONTACT = "update identity.contacts set index = $2, key_id = $3 where order_id = $1"


async def reindex(identity: PostgresIdentity, vault: Vault) -> int:
    """Answers how many addresses were rewritten. Those that cannot be opened any more stay. Raises StoreUnavailable."""
    return await _accounts(identity, vault) + await _contacts(identity, vault)


async def _contacts(identity: PostgresIdentity, vault: Vault) -> int:
    key_id, done, last = identity.index.hashing.key_id, 0, ""
    while rows := await _fetched(identity, OLD_CONTACTS, key_id, last):
        for order_id, subject, ciphertext in rows:
            address = await vault.open(Sealed(subject=subject, ciphertext=ciphertext))
            if address is not None:
                place = identity.index.place(Realm.SHOPPER, address.decode())
                await _execute(identity, REWRITE_CONTACT, order_id, place, key_id)
                done += 1
        last = rows[-1]["order_id"]
    return done


async def _accounts(identity: PostgresIdentity, vault: Vault) -> int:
    key_id, done, last = identity.index.hashing.key_id, 0, ("", b"")
    while rows := await _fetched(identity, OLD, key_id, *last):
        for row in rows:
            done += await _rewritten(identity, vault, row, key_id)
        last = rows[-1]["realm"], rows[-1]["index"]
    return done


async def _fetched(identity: PostgresIdentity, statement: str, *values: object) -> Sequence[asyncpg.Record]:
    """Rows under other keys, behind a place."""
    return await identity.sessions.persistently(lambda it: it.fetch(statement, *values, AT_A_TIME), PATIENCE)


async def _execute(identity: PostgresIdentity, statement: str, *values: object) -> None:
    await identity.sessions.persistently(lambda it: it.execute(statement, *values), PATIENCE)


async def _rewritten(identity: PostgresIdentity, vault: Vault, row: asyncpg.Record, key_id: str) -> bool:
    realm, before, subject, ciphertext = row
    address = await vault.open(Sealed(subject=subject, ciphertext=ciphertext))
    if address is None:
        return False
    place = identity.index.place(Realm(realm), address.decode())
    await _execute(identity, REWRITE, realm, before, place, key_id)
    return True
