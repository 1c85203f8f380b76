"""Sends queued mails, at least once each. Who gets what is looked up when a mail is sent, and so is its link made.

Without a mail server mails are held: their links are good, and staff can read them (`counterfoil mails`).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Protocol

import msgspec
import structlog

from commands.accounts.ports import Link, Mail
from commands.ports import StoreUnavailable, Vault
from infra.identity import challenges, contacts, links, refresh
from infra.identity.addressing import Addressed, Addressing, Queued, queued_of
from infra.identity.letters import Stationery, Written
from infra.identity.reindexing import reindex
from infra.identity.schema import PATIENCE
from infra.identity.store import PostgresIdentity
from infra.postgres.sessions import Connection
from infra.security.derived_keys import KeyedHash

AT_A_TIME = 20
LOOKS_EVERY = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 600.0
KEPT = timedelta(days=7)
GIVEN_UP_AFTER = timedelta(days=3)
CLEANS_EVERY = timedelta(hours=1)

DUE = """
    select mail_id, kind, realm, subject, words, made_at, attempts, state from identity.mails
     where state = 'due' and due <= $1 order by due limit $2
"""
HELD = """
    select mail_id, kind, realm, subject, words, made_at, attempts, state from identity.mails
     where state = 'held' order by made_at desc limit $1
"""
SETTLE = """
    update identity.mails set state = $2, words = case when $2 = 'held' then words else '' end
     where mail_id = $1 and state = 'due'
"""
POSTPONE = "update identity.mails set due = $2, attempts = attempts + 1 where mail_id = $1"
CLEAN = "delete from identity.mails where made_at < $1"

log = structlog.get_logger()


class Refused(Exception):
    """The mail server will never take this mail."""


class NotNow(Exception):
    """The mail server cannot be reached, or takes nothing at present."""


class Post(Protocol):
    """A way to send mails."""

    async def send(self, letter: EmailMessage) -> None:
        """Raises Refused, NotNow."""


@dataclass(frozen=True, slots=True)
class Mailer:
    """`post` is None where there is no mail server."""

    identity: PostgresIdentity
    addressing: Addressing
    vault: Vault
    tokens: KeyedHash
    stationery: Stationery
    clock: Callable[[], datetime]
    post: Post | None = None

    async def run(self) -> None:
        """Until cancelled. What goes wrong is logged, and tried again."""
        clean_at = self.clock()
        while True:
            try:
                if self.clock() >= clean_at:
                    await self.clean()
                    clean_at = self.clock() + CLEANS_EVERY
                if await self.send_due():
                    continue
            except StoreUnavailable as error:
                log.warning("mails wait for the database", reason=str(error))
            except Exception as error:
                log.exception("mails not sent", reason=type(error).__name__)
            await asyncio.sleep(LOOKS_EVERY)

    async def send_due(self) -> int:
        """Send what is due; answers how many mails were settled."""
        rows = await self.identity.sessions.persistently(lambda it: it.fetch(DUE, self.clock(), AT_A_TIME), PATIENCE)
        return sum([await self._settled(queued_of(row)) for row in rows])

    async def held(self, most: int = 50) -> Sequence[EmailMessage]:
        """Mails that are held because no mail server is set, the latest first."""
        rows = await self.identity.sessions.persistently(lambda it: it.fetch(HELD, most), PATIENCE)
        found = list[EmailMessage]()
        for mail in map(queued_of, rows):
            if (addressed := await self.addressing.of(mail)) is not None:
                found.append(self._letter(mail, addressed))
        return found

    async def link_of(self, mail: Mail) -> str | None:
        """Make the link of a mail that is not sent, and return its address; None: the mail has no receiver."""
        words = self.identity.box.seal(msgspec.json.encode({"address": mail.address}), mail.mail_id.bytes)
        queued = Queued(mail.mail_id, mail.kind, mail.realm, mail.subject, words, mail.at, 0, "due")
        addressed = await self.addressing.of(queued)
        if addressed is None or addressed.link is None:
            return None
        await self._make(queued, addressed.link)
        return self.stationery.link(self._written(queued, addressed), mail.at)

    async def clean(self) -> None:
        """Delete old mails and links, and sessions that are over; index addresses under the present key."""
        now = self.clock()
        if rewritten := await reindex(self.identity, self.vault):
            log.info("addresses indexed anew", count=rewritten)

        async def work(connection: Connection) -> None:
            await connection.execute(CLEAN, now - KEPT)
            await links.clean(connection, now)
            await refresh.clean(connection, now)
            await challenges.clean(connection, now)
            await contacts.clean(connection, now)

        await self.identity.sessions.persistently(work, PATIENCE)

    async def _settled(self, mail: Queued) -> bool:
        addressed = await self.addressing.of(mail)
        if addressed is None or mail.made_at + GIVEN_UP_AFTER < self.clock():
            await self._settle(mail, "dropped")
            return True
        if addressed.link is not None:
            await self._make(mail, addressed.link)
        if self.post is None:
            await self._settle(mail, "held")
            return True
        try:
            await self.post.send(self._letter(mail, addressed))
        except Refused as error:
            log.warning("mail refused", mail_id=str(mail.mail_id), kind=mail.kind, reason=str(error))
            await self._settle(mail, "dropped")
            return True
        except NotNow as error:
            log.warning("mail delayed", mail_id=str(mail.mail_id), kind=mail.kind, reason=str(error))
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(mail.attempts, 20))
            due = self.clock() + timedelta(seconds=pause)
            await self._execute(POSTPONE, mail.mail_id, due)
            return False
        await self._settle(mail, "sent")
        return True

    async def _make(self, mail: Queued, link: Link) -> None:
        place = self.identity.index.place(link.realm, link.address)
        token, box = links.token_of(self.tokens, mail.mail_id), self.identity.box

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                await links.make(connection, box, token, link, place, self.clock(), mail.made_at)

        await self.identity.sessions.persistently(work, PATIENCE)

    def _letter(self, mail: Queued, addressed: Addressed) -> EmailMessage:
        return self.stationery.letter(mail.mail_id, self._written(mail, addressed), mail.made_at)

    def _written(self, mail: Queued, addressed: Addressed) -> Written:
        token = None if addressed.link is None else links.token_of(self.tokens, mail.mail_id)
        return Written(addressed.kind, addressed.to, token, addressed.order, addressed.language)

    async def _settle(self, mail: Queued, state: str) -> None:
        await self._execute(SETTLE, mail.mail_id, state)

    async def _execute(self, statement: str, *values: object) -> None:
        await self.identity.sessions.persistently(lambda it: it.execute(statement, *values), PATIENCE)
