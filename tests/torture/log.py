"""What is true in the end: the log, the gateway's money, and what the cockpit shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.shared.ids import PaymentId
from domain.shared.recorded import START, Recorded
from infra.bootstrap import composition
from infra.payments.book import Book
from infra.payments.intents import Account
from infra.payments.postgres import PostgresBook
from infra.postgres.sessions import Sessions
from infra.settings import Settings

PAGE = 2000


@dataclass(frozen=True, slots=True)
class Truth:
    """Read straight from the database, past every API."""

    log: Sequence[Recorded[Any]]
    accounts: Mapping[PaymentId, Account]


async def truth(settings: Settings) -> Truth:
    return Truth(await _whole_log(settings), await _accounts(settings))


async def _whole_log(settings: Settings) -> Sequence[Recorded[Any]]:
    log, codec = list[Recorded[Any]](), composition.codec()
    async with composition.event_store(settings) as store:
        head, position = await store.head(), START
        while position < head:
            page = await store.read_all(after=position, limit=PAGE)
            log += [codec.decode_event(record) for record in page.records]
            position = page.position
    return log


async def _accounts(settings: Settings) -> Mapping[PaymentId, Account]:
    sessions = Sessions(composition.database_of(settings), "witness", 1)
    book: Book = PostgresBook(sessions)
    accounts = {account.payment_id: account for account in await book.accounts()}
    await sessions.close()
    return accounts
