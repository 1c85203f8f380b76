"""Follows the log for mails about orders, and notes in the contacts which checkouts have become orders.

    OrderPlaced                                      -> the mail that there is an order
    PaymentActionRequired                            -> a mail in a minute, unless the payment has moved on by then
    PaymentAuthorised, PaymentFailed, VoidRequested  -> that mail is not sent any more

The id of a mail follows from its order, so what is read again is not sent again. It is no business process: nothing in
the log depends on a mail. A log that is read for the first time, or after it was restored, is read from its beginning;
what is older than a day is not mailed about.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import structlog

from commands.accounts.ports import MailKind, Realm
from commands.ports import Codec, EventStore, LogDiverged, Page, Seen, StoreUnavailable
from commands.recognising import recognise, seen_of
from domain.order.events import OrderPlaced
from domain.payment.events import (
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentFailed,
    PaymentRequested,
    VoidRequested,
)
from domain.shared.derived import derived_id
from domain.shared.ids import OrderId
from domain.shared.recorded import START, EventView, Position
from infra.identity.contacts import PostgresContacts
from infra.identity.schema import PATIENCE
from infra.identity.store import PostgresIdentity

NAME = "order mails"
NAMESPACE = UUID("8d1f7a52-0c36-5b7e-9a41-2f60c1e7b3d8")
"""Of ids of mails that follow from orders. Never changes."""

FOLLOWED = (OrderPlaced, PaymentActionRequired, PaymentAuthorised, PaymentFailed, VoidRequested)
AT_A_TIME = 500
AGAIN_AFTER = 1.0
NEWS = timedelta(days=1)
ACTION_AFTER = timedelta(minutes=1)
"""Most shoppers confirm at once."""

MOST_ATTEMPTS = range(1, 11)

POSITION = "select position, event_id from identity.followed where follower = $1"
ADVANCE = """
    insert into identity.followed (follower, position, event_id) values ($1, $2, $3)
    on conflict (follower) do update set position = excluded.position, event_id = excluded.event_id
"""
REACHABLE = """
    select order_id from identity.contacts where order_id = any($1)
    union all select subject from identity.emails where subject = any($2) and state = 'confirmed'
"""
POST = """
    insert into identity.mails (mail_id, kind, realm, subject, words, made_at, due)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
"""
WITHDRAW = "update identity.mails set state = 'dropped', words = '' where mail_id = any($1) and state = 'due'"

log = structlog.get_logger()


class About(NamedTuple):
    """A mail that an event may lead to."""

    kind: MailKind
    order: OrderId
    attempt: int
    customer: str | None
    at: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class OrderMails:
    """Posts the mails; the mailer sends them."""

    store: EventStore
    codec: Codec
    identity: PostgresIdentity
    contacts: PostgresContacts
    clock: Callable[[], datetime]

    async def run(self) -> None:
        """Until cancelled. What goes wrong is logged, and tried again."""
        while True:
            try:
                async for page in self.store.subscribe(after=await self._begin(), types=self._types):
                    await self._take_in(page)
            except LogDiverged as error:
                log.warning("mails about orders begin anew", reason=str(error))
            except StoreUnavailable as error:
                log.warning("mails about orders wait", reason=str(error))
            except Exception as error:
                log.exception("mails about orders not posted", reason=type(error).__name__)
            await asyncio.sleep(AGAIN_AFTER)

    async def catch_up(self) -> None:
        """To the present end of the log."""
        after, more = await self._begin(), True
        while more:
            page = await self.store.read_all(after=after, limit=AT_A_TIME, types=self._types)
            await self._take_in(page)
            after, more = page.position, page.more

    @property
    def _types(self) -> Collection[str]:
        return self.codec.names_of(FOLLOWED)

    async def _begin(self) -> Position:
        """The checkpoint, or the beginning of a log that is not the one that was followed."""
        row = await self.identity.sessions.persistently(lambda it: it.fetchrow(POSITION, NAME), PATIENCE)
        if row is None:
            return START
        try:
            seen = await recognise(self.store.event_at, Seen(Position(row["position"]), row["event_id"]))
        except LogDiverged:
            return START
        return seen.position

    async def _take_in(self, page: Page) -> None:
        views = [self.codec.decode_view(record) for record in page.records]
        views = [it for it in views if isinstance(it.fact, FOLLOWED)]
        await self.contacts.placed([it.fact for it in views if isinstance(it.fact, OrderPlaced)])
        wanted = [about for it in views if (about := await self._about(it)) is not None]
        reachable = await self._reachable(wanted)
        for about in wanted:
            if {about.order, about.customer} & reachable:
                await self._post(about)
        if over := [it for view in views for it in _moved_on(view.fact)]:
            await self._execute(WITHDRAW, over)
        seen = seen_of(page)
        await self._execute(ADVANCE, NAME, seen.position, seen.event_id)

    async def _about(self, view: EventView[Any]) -> About | None:
        at = view.recorded_at
        if at + NEWS < self.clock():
            return None
        match view.fact:
            case OrderPlaced(order_id=order):
                return About(MailKind.ORDER_PLACED, order, 0, view.fact.customer_id, at, at)
            case PaymentActionRequired(order_id=order, attempt=attempt):
                customer = await self._payer(view.stream)
                return About(MailKind.PAYMENT_ACTION, order, attempt, customer, at, at + ACTION_AFTER)
            case _:
                return None

    async def _payer(self, payment: str) -> str | None:
        """Who has to confirm a payment, as its first event has it."""
        first = await self.store.read(payment, limit=1)
        asked = self.codec.decode_event(first[0]).fact if first else None
        return asked.customer_id if isinstance(asked, PaymentRequested) else None

    async def _reachable(self, wanted: Sequence[About]) -> frozenset[str | None]:
        """Orders with a contact, and customers with an account."""
        if not wanted:
            return frozenset()
        orders, customers = [it.order for it in wanted], [it.customer for it in wanted if it.customer]
        rows = await self.identity.sessions.persistently(lambda it: it.fetch(REACHABLE, orders, customers), PATIENCE)
        return frozenset(row["order_id"] for row in rows)

    async def _post(self, about: About) -> None:
        known = mail_id(about.kind, about.order, about.attempt)
        words = self.identity.box.seal(msgspec.json.encode({"order": about.order}), known.bytes)
        await self._execute(POST, known, about.kind, Realm.SHOPPER, about.customer, words, about.at, about.due)

    async def _execute(self, statement: str, *values: object) -> None:
        await self.identity.sessions.persistently(lambda it: it.execute(statement, *values), PATIENCE)


def mail_id(kind: MailKind, order: OrderId, attempt: int) -> UUID:
    return derived_id(NAMESPACE, f"{kind}\n{order}\n{attempt}")


def _moved_on(fact: object) -> Sequence[UUID]:
    """The mails that a payment does not wait for any more."""
    match fact:
        case PaymentAuthorised(order_id=order, attempt=attempt) | PaymentFailed(order_id=order, attempt=attempt):
            return [mail_id(MailKind.PAYMENT_ACTION, order, attempt)]
        case VoidRequested(order_id=order):
            return [mail_id(MailKind.PAYMENT_ACTION, order, it) for it in MOST_ATTEMPTS]
        case _:
            return []
