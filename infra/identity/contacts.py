"""Addresses of checkouts: for mails about orders, and for accounts that claim orders of guests."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from commands.accounts.ports import Contact, Realm
from domain.order.events import OrderPlaced
from domain.shared.ids import GUEST, CheckoutId, OrderId
from domain.shared.personal import Sealed
from infra.identity.addresses import AddressIndex
from infra.identity.schema import PATIENCE
from infra.postgres.sessions import Connection, Sessions

T = TypeVar("T")

MOST = 100
KEPT = timedelta(days=730)
NEVER_PLACED = timedelta(days=7)
MOST_MAILED_AN_HOUR = 10
"""To one address: a checkout names any address, without a proof of ownership."""

KEEP = """
    insert into identity.contacts (order_id, index, key_id, subject, address, made_at)
    values ($1, $2, $3, $4, $5, $6) on conflict (order_id) do nothing
"""
DROP = "delete from identity.contacts where order_id = $1 and placed_at is null"
OPEN = """
    select order_id, subject, placed_at from identity.contacts
     where placed_at is not null and not settled and starts_with(subject, $4)
       and ((index = any($1) and claimed_by is null) or claimed_by = $2)
     order by placed_at desc limit $3
"""
TAKE = """
    update identity.contacts set claimed_by = $1
     where order_id = any($2) and (claimed_by is null or claimed_by = $1) returning order_id
"""
SETTLE = "update identity.contacts set settled = true where order_id = any($1)"
ADDRESS = """
    select subject, address, (
        select count(*) from identity.contacts it
         where it.index = of.index and it.made_at > of.made_at - interval '1 hour' and it.made_at <= of.made_at
    ) as lately from identity.contacts of where order_id = $1
"""
PLACED = """
    update identity.contacts of set placed_at = it.at
      from unnest($1::text[], $2::timestamptz[]) as it (order_id, at)
     where of.order_id = it.order_id and of.placed_at is null
"""
CLEAN = "delete from identity.contacts where made_at < $1 or (placed_at is null and made_at < $2)"


@dataclass(frozen=True, slots=True)
class PostgresContacts:
    """Implements commands.accounts.ports.Contacts."""

    sessions: Sessions
    index: AddressIndex

    async def keep(self, checkout: CheckoutId, address: str, sealed: Sealed, at: datetime) -> None:
        place = self.index.place(Realm.SHOPPER, address)
        values = (checkout, place, self.index.hashing.key_id, sealed.subject, sealed.ciphertext, at)
        await self._do(lambda it: it.execute(KEEP, *values))

    async def drop(self, checkout: CheckoutId) -> None:
        await self._do(lambda it: it.execute(DROP, checkout))

    async def open_to(self, subject: str, address: str) -> Sequence[Contact]:
        places = self.index.places(Realm.SHOPPER, address)
        rows = await self._do(lambda it: it.fetch(OPEN, places, subject, MOST, GUEST))
        return [Contact(*row) for row in rows]

    async def take(self, subject: str, orders: Collection[OrderId]) -> Collection[OrderId]:
        rows = await self._do(lambda it: it.fetch(TAKE, subject, list(orders)))
        return [row["order_id"] for row in rows]

    async def settle(self, orders: Collection[OrderId]) -> None:
        await self._do(lambda it: it.execute(SETTLE, list(orders)))

    async def address_of(self, order: OrderId) -> Sealed | None:
        """Where mails about an order go. None: nowhere, or the address was named too often lately."""
        row = await self._do(lambda it: it.fetchrow(ADDRESS, order))
        if row is None or row["lately"] > MOST_MAILED_AN_HOUR:
            return None
        return Sealed(subject=row["subject"], ciphertext=row["address"])

    async def placed(self, orders: Sequence[OrderPlaced]) -> None:
        """These checkouts have become orders."""
        if orders:
            ids, times = [it.order_id for it in orders], [it.at for it in orders]
            await self._do(lambda it: it.execute(PLACED, ids, times))

    async def _do(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        return await self.sessions.persistently(work, PATIENCE)


async def clean(connection: Connection, at: datetime) -> None:
    """Delete contacts that are of no use any more."""
    await connection.execute(CLEAN, at - KEPT, at - NEVER_PLACED)
