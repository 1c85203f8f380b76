"""Who gets a queued mail, and which text: looked up when the mail is sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from commands.accounts.ports import Claim, Link, LinkKind, MailKind, Realm
from commands.ports import Vault
from domain.shared.ids import OrderId
from domain.shared.personal import Sealed
from infra.identity.contacts import PostgresContacts
from infra.identity.letters import Subject
from infra.identity.store import PostgresIdentity


class Queued(NamedTuple):
    """A mail as it is stored."""

    mail_id: UUID
    kind: MailKind
    realm: Realm
    subject: str | None
    words: bytes
    made_at: datetime
    attempts: int
    state: str


class Addressed(NamedTuple):
    """Which text goes to whom, in which language, and the link that is made for it or the order that it is about."""

    kind: str
    to: str
    link: Link | None = None
    order: Subject | None = None
    language: str | None = None


class _Words(msgspec.Struct):
    """What is sealed in the queue."""

    address: str | None = None
    order: str | None = None


def queued_of(row: asyncpg.Record) -> Queued:
    mail_id, kind, realm, *rest = tuple(row)
    return Queued(mail_id, MailKind(kind), Realm(realm), *rest)


@dataclass(frozen=True, slots=True)
class Addressing:
    """Reads addresses, contacts and languages of the identity store."""

    identity: PostgresIdentity
    contacts: PostgresContacts
    vault: Vault

    async def of(self, mail: Queued) -> Addressed | None:
        """None: the mail is not sent."""
        words = msgspec.json.decode(self.identity.box.open(mail.words, mail.mail_id.bytes), type=_Words)
        found = await self._for_order(mail, words) if words.order is not None else await self._of(mail, words.address)
        if found is None:
            return None
        subject = mail.subject if found.link is None else found.link.subject
        return found._replace(language=await self.identity.language_of(subject))

    async def _of(self, mail: Queued, said: str | None) -> Addressed | None:
        claim = None if said is None else await self._account(mail.realm, said)
        match mail.kind:
            case MailKind.REGISTER if said is not None:
                if claim is not None:
                    to = await self._opened(claim.address)
                    return None if to is None else Addressed("registered", to)
                return Addressed("register", said, Link(LinkKind.REGISTER, mail.realm, mail.mail_id, None, said))
            case MailKind.RESET:
                to = None if claim is None else await self._opened(claim.address)
                if claim is None or to is None:
                    return None
                return Addressed("reset", to, Link(LinkKind.RESET, mail.realm, mail.mail_id, claim.subject, to))
            case MailKind.EMAIL if said is not None:
                if mail.subject is None or (claim is not None and claim.subject != mail.subject):
                    return None
                return Addressed("email", said, Link(LinkKind.EMAIL, mail.realm, mail.mail_id, mail.subject, said))
            case MailKind.INVITE if mail.subject is not None:
                to = await self._opened(await self.identity.claimed_address_of(mail.subject))
                if to is None:
                    return None
                return Addressed("invite", to, Link(LinkKind.INVITE, mail.realm, mail.mail_id, mail.subject, to))
            case _:
                to = said or await self._own_address(mail.subject)
                return None if to is None else Addressed(mail.kind, to)

    async def _for_order(self, mail: Queued, words: _Words) -> Addressed | None:
        """The address that was named at the checkout, else the account's own."""
        order_id = OrderId(words.order or "")
        to = await self._opened(await self.contacts.address_of(order_id)) or await self._own_address(mail.subject)
        return None if to is None else Addressed(mail.kind, to, order=Subject(order_id, mail.subject))

    async def _account(self, realm: Realm, address: str) -> Claim | None:
        claim = await self.identity.find(realm, address)
        return claim if claim is not None and claim.confirmed else None

    async def _own_address(self, subject: str | None) -> str | None:
        return None if subject is None else await self._opened(await self.identity.address_of(subject))

    async def _opened(self, sealed: Sealed | None) -> str | None:
        opened = None if sealed is None else await self.vault.open(sealed)
        return None if opened is None else opened.decode()
