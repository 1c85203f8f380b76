"""The identity store in PostgreSQL, beside either event store."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from commands.accounts.ports import Claim, Granted, Link, LinkKind, Login, Mail, Realm, Session
from domain.shared.personal import Sealed
from infra.identity import links, refresh
from infra.identity.addresses import AddressIndex, comparable
from infra.identity.schema import PATIENCE
from infra.postgres.sessions import Connection, Sessions
from infra.security.derived_keys import Box

T = TypeVar("T")

FIND = """
    select subject, state = 'confirmed' as confirmed, claimed_at, address from identity.emails
     where realm = $1 and index = any($2) order by state limit 1
"""
LOGIN = """
    select it.subject, secret from identity.emails it
      left join identity.credentials of on of.subject = it.subject and of.kind = 'password'
     where it.realm = $1 and it.index = any($2) and it.state = 'confirmed'
"""
PASSWORD = "select secret from identity.credentials where subject = $1 and kind = 'password'"
ADDRESS = "select address from identity.emails where subject = $1 and state = 'confirmed'"
CLAIMED_ADDRESS = "select address from identity.emails where subject = $1 order by state limit 1"
CLAIM = """
    insert into identity.emails (realm, index, key_id, subject, state, claimed_at, address)
    values ($1, $2, $3, $4, 'pending', $5, $6)
    on conflict (realm, index) do update set address = excluded.address
     where emails.subject = excluded.subject
"""
FREE = """
    delete from identity.emails
     where realm = $1 and index = any($2) and subject = $3 and state = 'pending'
"""
CONFIRM = "update identity.emails set state = 'confirmed' where realm = $1 and index = any($2) and subject = $3"
ONLY = "delete from identity.emails where subject = $1 and not index = any($2)"
SET_PASSWORD = """
    insert into identity.credentials (subject, kind, id, secret, made_at) values ($1, 'password', '', $2, $3)
    on conflict (subject, kind, id) do update set secret = excluded.secret, made_at = excluded.made_at
"""
REHASH = """
    update identity.credentials set secret = $3 where subject = $1 and kind = 'password' and secret = $2
"""
POST = """
    insert into identity.mails (mail_id, kind, realm, index, subject, words, made_at, due)
    values ($1, $2, $3, $4, $5, $6, $7, $7)
    on conflict do nothing
"""
SPEAKS = """
    insert into identity.languages (subject, language) values ($1, $2)
    on conflict (subject) do update set language = excluded.language
"""
LANGUAGE = "select language from identity.languages where subject = $1"
FORGET = (
    "delete from identity.mails where subject = $1 or (realm, index) in"
    " (select realm, index from identity.emails where subject = $1)",
    "delete from identity.links where subject = $1 or (realm, index) in"
    " (select realm, index from identity.emails where subject = $1)",
    "delete from identity.credentials where subject = $1",
    "delete from identity.passkeys where subject = $1",
    "delete from identity.challenges where subject = $1",
    "delete from identity.languages where subject = $1",
    "delete from identity.contacts where subject = $1 or claimed_by = $1",
    "delete from identity.emails where subject = $1",
)


@dataclass(frozen=True, slots=True)
class PostgresIdentity:
    """Implements commands.accounts.ports.Identity on the schema `identity`."""

    sessions: Sessions
    index: AddressIndex
    box: Box
    """Seals what mails and links say, which belongs to no subject yet."""

    def same(self, one: str, other: str) -> bool:
        return comparable(one) == comparable(other)

    async def find(self, realm: Realm, address: str) -> Claim | None:
        row = await self._do(lambda it: it.fetchrow(FIND, realm, self.index.places(realm, address)))
        return None if row is None else _claim(*row)

    async def login_of(self, realm: Realm, address: str) -> Login | None:
        row = await self._do(lambda it: it.fetchrow(LOGIN, realm, self.index.places(realm, address)))
        return None if row is None else Login(row["subject"], _sealed(row["subject"], row["secret"]))

    async def password_of(self, subject: str) -> Sealed | None:
        return _sealed(subject, await self._do(lambda it: it.fetchval(PASSWORD, subject)))

    async def address_of(self, subject: str) -> Sealed | None:
        return _sealed(subject, await self._do(lambda it: it.fetchval(ADDRESS, subject)))

    async def claimed_address_of(self, subject: str) -> Sealed | None:
        return _sealed(subject, await self._do(lambda it: it.fetchval(CLAIMED_ADDRESS, subject)))

    async def claim(self, realm: Realm, address: str, subject: str, sealed: Sealed, at: datetime) -> Claim:
        places = self.index.places(realm, address)

        async def work(connection: Connection) -> Claim | None:
            # An address that is known under the key before is not claimed again under the present one.
            row = await connection.fetchrow(FIND, realm, places)
            if row is None or row["subject"] == subject:
                place = places[0] if row is None else await self._place_of(connection, realm, places)
                await connection.execute(CLAIM, realm, place, self.index.hashing.key_id, subject, at, sealed.ciphertext)
                row = await connection.fetchrow(FIND, realm, places)
            return None if row is None else _claim(*row)

        while (claim := await self._do(work)) is None:
            pass
        return claim

    async def _place_of(self, connection: Connection, realm: Realm, places: Sequence[bytes]) -> bytes:
        found: bytes | None = await connection.fetchval(
            "select index from identity.emails where realm = $1 and index = any($2)", realm, places
        )
        return found or places[0]

    async def free(self, realm: Realm, address: str, subject: str) -> None:
        await self._do(lambda it: it.execute(FREE, realm, self.index.places(realm, address), subject))

    async def confirm(self, realm: Realm, address: str, subject: str) -> None:
        await self._together(lambda it: self._confirm(it, realm, address, subject))

    async def _confirm(self, connection: Connection, realm: Realm, address: str, subject: str) -> None:
        places = self.index.places(realm, address)
        await connection.execute(CONFIRM, realm, places, subject)
        await connection.execute(ONLY, subject, places)

    async def link(self, token: str, kind: LinkKind, at: datetime) -> Link | None:
        return await self._do(lambda it: links.find(it, self.box, token, kind, at))

    async def register(self, token: str, subject: str, password: Sealed | None, at: datetime) -> bool:
        async def work(connection: Connection) -> bool:
            if (link := await links.use(connection, self.box, token, at)) is None:
                return False
            await self._confirm(connection, link.realm, link.address, subject)
            if password is not None:
                await connection.execute(SET_PASSWORD, subject, password.ciphertext, at)
            return True

        return await self._together(work)

    async def reset(self, token: str, subject: str, password: Sealed, at: datetime) -> bool:
        async def work(connection: Connection) -> bool:
            if await links.use(connection, self.box, token, at) is None:
                return False
            await self._set_password(connection, subject, password, at, None)
            return True

        return await self._together(work)

    async def set_password(self, subject: str, password: Sealed, at: datetime, *, kept: UUID | None) -> None:
        await self._together(lambda it: self._set_password(it, subject, password, at, kept))

    async def _set_password(
        self, connection: Connection, subject: str, password: Sealed, at: datetime, kept: UUID | None
    ) -> None:
        await connection.execute(SET_PASSWORD, subject, password.ciphertext, at)
        await connection.execute(links.END, subject, at)
        await refresh.end_all(connection, subject, at, kept)

    async def rehash(self, subject: str, before: Sealed, password: Sealed) -> None:
        await self._do(lambda it: it.execute(REHASH, subject, before.ciphertext, password.ciphertext))

    async def change_address(self, token: str, subject: str, at: datetime) -> bool:
        async def work(connection: Connection) -> bool:
            if (link := await links.use(connection, self.box, token, at)) is None:
                return False
            await self._confirm(connection, link.realm, link.address, subject)
            await connection.execute(links.END, subject, at)
            return True

        return await self._together(work)

    async def start(
        self, realm: Realm, subject: str, device: str | None, at: datetime, *, authenticated_at: datetime | None = None
    ) -> Granted:
        return await self._together(lambda it: refresh.start(it, realm, subject, device, at, authenticated_at or at))

    async def refresh(self, token: str, at: datetime) -> Granted | None:
        return await self._together(lambda it: refresh.refresh(it, token, at))

    async def sessions_of(self, subject: str, at: datetime) -> Sequence[Session]:
        return await self._do(lambda it: refresh.sessions_of(it, subject, at))

    async def end(self, subject: str, session_id: UUID, at: datetime) -> bool:
        return await self._do(lambda it: refresh.end(it, subject, session_id, at))

    async def end_of(self, token: str, at: datetime) -> None:
        await self._do(lambda it: refresh.end_of(it, token, at))

    async def end_all(self, subject: str, at: datetime, *, kept: UUID | None = None) -> None:
        await self._do(lambda it: refresh.end_all(it, subject, at, kept))

    async def speaks(self, subject: str, language: str) -> None:
        await self._do(lambda it: it.execute(SPEAKS, subject, language))

    async def language_of(self, subject: str | None) -> str | None:
        """The language of mails to a person; None: not known."""
        found: str | None = await self._do(lambda it: it.fetchval(LANGUAGE, subject))
        return found

    async def post(self, mail: Mail) -> None:
        words = self.box.seal(msgspec.json.encode({"address": mail.address}), mail.mail_id.bytes)
        place = None if mail.address is None else self.index.place(mail.realm, mail.address)
        values = (mail.mail_id, mail.kind, mail.realm, place, mail.subject, words, mail.at)
        await self._do(lambda it: it.execute(POST, *values))

    async def forget(self, subject: str, at: datetime) -> None:
        async def work(connection: Connection) -> None:
            await refresh.end_all(connection, subject, at)
            for statement in FORGET:
                await connection.execute(statement, subject)

        await self._together(work)

    async def _do(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        return await self.sessions.persistently(work, PATIENCE)

    async def _together(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        async def transaction(connection: Connection) -> T:
            async with connection.transaction():
                return await work(connection)

        return await self.sessions.persistently(transaction, PATIENCE)


def _claim(subject: str, confirmed: bool, claimed_at: datetime, address: str) -> Claim:
    return Claim(subject, confirmed, claimed_at, Sealed(subject=subject, ciphertext=address))


def _sealed(subject: str, ciphertext: str | None) -> Sealed | None:
    return None if ciphertext is None else Sealed(subject=subject, ciphertext=ciphertext)
