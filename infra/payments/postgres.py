"""The test gateway's memory in PostgreSQL, so that it outlives the shop."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from domain.shared.ids import PaymentId
from domain.shared.journal import Envelope
from infra.payments.book import Act, Turn, Webhook
from infra.payments.events import Answer
from infra.payments.intents import Account
from infra.postgres.sessions import Connection, Sessions
from infra.serialization.codec import JsonCodec
from infra.serialization.upcasters import UPCASTERS
from process_managers.engine.ports import GatewayUnavailable

PATIENCE = 5.0
BATCH = 200

DDL = """
    create schema if not exists gateway;
    create table if not exists gateway.payments (payment_id text primary key, account json not null);
    create table if not exists gateway.answers (key text primary key, answer json);
    create table if not exists gateway.webhooks (
        id text primary key, body bytea not null, due timestamptz not null, attempts int not null
    );
    create index if not exists webhooks_by_due on gateway.webhooks (due);
"""

LOCK = "select pg_advisory_xact_lock(hashtextextended('gateway', 0))"
BEGIN = f"begin; {LOCK}"
ALL_ACCOUNTS = "select account from gateway.payments"
ACCOUNTS = f"{ALL_ACCOUNTS} where payment_id = any($1)"
KNOWN = """
    select true as is_account, payment_id as key, account as told from gateway.payments where payment_id = any($1)
    union all
    select false, key, answer from gateway.answers where key = any($2)
"""
KEEP = """
    with answered as (insert into gateway.answers select * from unnest($3::text[], $4::json[]))
    insert into gateway.payments select * from unnest($1::text[], $2::json[])
    on conflict (payment_id) do update set account = excluded.account
"""
KEEP_WEBHOOKS = """
    insert into gateway.webhooks (id, body, due, attempts)
    select id, body, due, 0 from unnest($1::text[], $2::bytea[], $3::timestamptz[]) as new (id, body, due)
"""
DUE = "select id, body, due, attempts from gateway.webhooks where due <= $1 order by due, id limit $2"
SENT = "delete from gateway.webhooks where id = $1"
POSTPONE = "update gateway.webhooks set due = $2, attempts = attempts + 1 where id = $1"

_codec = JsonCodec(UPCASTERS)
_account = msgspec.json.Decoder(Account).decode


@dataclass(slots=True, eq=False)
class _Waiting:
    payment_id: PaymentId
    key: str
    act: Act
    done: bool = False
    answer: Answer | None = None
    fault: GatewayUnavailable | None = None


@dataclass(slots=True)
class PostgresBook:
    """Implements infra.payments.book.Book on the schema `gateway`.

    Calls that come while others are written down wait, and are then written down together: the one that gets the turn
    does it for all. Raises StoreUnavailable.
    """

    sessions: Sessions
    _waiting: list[_Waiting] = field(default_factory=list)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def prepare(self) -> None:
        """Make what is missing of the schema."""

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                await connection.execute(LOCK)
                await connection.execute(DDL)

        await self.sessions.persistently(work, PATIENCE)

    async def turn(self, payment_id: PaymentId, key: str, act: Act) -> Answer | None:
        mine = _Waiting(payment_id, key, act)
        self._waiting.append(mine)
        try:
            async with self._turn:
                if not mine.done:
                    others = [waiting for waiting in self._waiting if waiting is not mine]
                    await self._write([mine, *others[: BATCH - 1]])
        finally:
            self._waiting = [waiting for waiting in self._waiting if waiting is not mine and not waiting.done]
        if mine.fault is not None:
            raise mine.fault
        return mine.answer

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(BEGIN)
            await _settle(connection, batch)
            await connection.execute("commit")

        await self.sessions.persistently(work, PATIENCE)
        for waiting in batch:
            waiting.done = True

    async def accounts(self, payment_ids: Sequence[PaymentId] | None = None) -> Sequence[Account]:
        async def work(connection: Connection) -> Sequence[Account]:
            asked = connection.fetch(ALL_ACCOUNTS) if payment_ids is None else connection.fetch(ACCOUNTS, payment_ids)
            return [_account(row["account"]) for row in await asked]

        return await self.sessions.persistently(work, PATIENCE)

    async def due(self, now: datetime, limit: int) -> Sequence[Webhook]:
        async def work(connection: Connection) -> Sequence[Webhook]:
            return [Webhook(**row) for row in await connection.fetch(DUE, now, limit)]

        return await self.sessions.persistently(work, PATIENCE)

    async def sent(self, webhook: Webhook) -> None:
        await self._execute(SENT, webhook.id)

    async def postpone(self, webhook: Webhook, due: datetime) -> None:
        await self._execute(POSTPONE, webhook.id, due)

    async def _execute(self, statement: str, *values: Any) -> None:
        await self.sessions.persistently(lambda connection: connection.execute(statement, *values), PATIENCE)


async def _settle(connection: Connection, batch: Sequence[_Waiting]) -> None:
    """One after the other in memory, then all of it in one statement, or two."""
    accounts, answers = dict[PaymentId, Account](), dict[str, Answer | None]()
    wanted = [waiting.payment_id for waiting in batch], [waiting.key for waiting in batch]
    for is_account, key, told in await connection.fetch(KNOWN, *wanted):
        if is_account:
            accounts[PaymentId(key)] = _account(told)
        else:
            answers[key] = _answer(told)
    turns = dict[str, Turn]()
    for waiting in batch:
        waiting.fault = None
        if waiting.key not in answers:
            account = accounts.get(waiting.payment_id, Account(payment_id=waiting.payment_id))
            try:
                turn = turns[waiting.key] = waiting.act(account)
            except GatewayUnavailable as fault:
                waiting.fault = fault
                continue
            accounts[waiting.payment_id], answers[waiting.key] = turn.account, turn.answer
        waiting.answer = answers[waiting.key]
    if turns:
        await _keep(connection, turns, accounts)


async def _keep(connection: Connection, turns: dict[str, Turn], accounts: dict[PaymentId, Account]) -> None:
    changed = list(dict.fromkeys(turn.account.payment_id for turn in turns.values()))
    documents = [msgspec.json.encode(accounts[payment]) for payment in changed]
    answers = [None if turn.answer is None else _codec.encode(Envelope(turn.answer)) for turn in turns.values()]
    await connection.execute(KEEP, changed, documents, list(turns), answers)
    webhooks = [webhook for turn in turns.values() for webhook in turn.webhooks]
    if webhooks:
        ids, bodies, due = zip(*((webhook.id, webhook.body, webhook.due) for webhook in webhooks), strict=True)
        await connection.execute(KEEP_WEBHOOKS, ids, bodies, due)


def _answer(stored: bytes | None) -> Answer | None:
    if stored is None:
        return None
    answer: Answer = _codec.decode(stored, Envelope).message
    return answer
