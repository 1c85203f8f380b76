"""`counterfoil check`: one reading of the log that proves the log, the invariants of the domain and the read models."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from commands.ports import Codec, EventStore, Record, Seen
from domain.shared.journal import (
    CommandParked,
    CommandResent,
    CommandSkipped,
    InputParked,
    InputResent,
    JournalEntry,
    Unrecorded,
)
from domain.shared.recorded import START, Position, Recorded
from infra.audit.cases import Cases
from infra.audit.followers import follower_audit
from infra.audit.orders import OrderAudit
from infra.audit.payments import PaymentAudit
from infra.audit.read_models import read_model_audit
from infra.audit.records import Doubles, RecordAudit
from infra.audit.staff import StaffAudit
from infra.audit.stock import StockAudit
from infra.audit.stream_heads import HeadDigest
from infra.audit.verdict import Check, Verdict
from infra.eventstore.capabilities import PROMISED, Capabilities
from infra.gc_tuning import collect_rarely
from projections.engine.projection import Projection

PAGE, FOLD = 2000, 16_000
"""Records of a page, and facts of a batch for the read models. These are folded in one transaction, in which a row that
was changed a thousand times is a chain of a thousand rows to go along for every change: fewer batches are better."""

Handler = Callable[[Recorded[Any]], None]


async def check(
    url: str,
    store: EventStore,
    codec: Codec,
    projections: Sequence[Projection],
    *,
    handled: Position | None = None,
    processes: Collection[Seen] = (),
    expected: Sequence[HeadDigest] = (),
    moved: Position = START,
    capabilities: Capabilities = PROMISED,
    progress: Callable[[Position, Position], None] = lambda _at, _head: None,
) -> Verdict:
    """Prove everything up to the present end of the log. Raises StoreUnavailable.

    `handled` is how far the processes have carried out what follows from the log: a case with later facts is still on
    its way and not judged. `processes` are the places where they stand. `expected` are digests of stream heads that
    were noted at earlier positions. Up to `moved` the log came from another kind of store. `capabilities` are the
    store's. `progress` is called with the position reached.
    """
    collect_rarely()
    records, cases = RecordAudit(capabilities, moved, expected), Cases(handled)
    stock, orders, payments, staff = StockAudit(cases), OrderAudit(cases), PaymentAudit(), StaffAudit()
    followed = Check("every fact can be held against the facts before it")
    handlers = _merged(cases.handlers, stock.handlers, orders.handlers, payments.handlers, staff.handlers)
    async with read_model_audit(url) as read_models:
        await read_models.begin(projections)
        head, waiting = await store.head(), list[Recorded[Any]]()
        async for page in _pages(store, head):
            facts = _understood(page, codec, records)
            _follow(facts, handlers, followed)
            waiting += facts
            if len(waiting) >= FOLD:
                await read_models.feed(waiting)
                waiting = []
            progress(records.position, head)
        await read_models.feed(waiting)
        await read_models.close(head)
        followers = await follower_audit(store, {"processes": processes, **read_models.stands})
    await _second_look(store, codec, records, head)
    records.close(head)
    stock.close(orders.closed())
    orders.close()
    proven = (stock, orders, payments, staff, read_models)
    checks = [*records.checks, followers, followed, *(check for audit in proven for check in audit.checks)]
    return Verdict(head, records.understood.looked_at + records.understood.failures, checks, records.digest())


def _follow(facts: Iterable[Recorded[Any]], handlers: Mapping[type[Any], Sequence[Handler]], followed: Check) -> None:
    for recorded in facts:
        followed.looked_at += 1
        for handle in handlers.get(type(recorded.fact), ()):
            try:
                handle(recorded)
            except Exception as error:
                followed.fail(f"{recorded.stream} at revision {recorded.revision}: {type(error).__name__} {error}")


async def _pages(store: EventStore, head: Position) -> AsyncIterator[Sequence[Record]]:
    """The log up to `head`; the next page is read while one is looked at."""
    ahead = asyncio.ensure_future(store.read_all(after=START, limit=PAGE))
    try:
        while True:
            page = await ahead
            if page.position < head:
                ahead = asyncio.ensure_future(store.read_all(after=page.position, limit=PAGE))
                yield page.records
                continue
            yield [record for record in page.records if record.position <= head]
            return
    finally:
        ahead.cancel()


def _understood(page: Sequence[Record], codec: Codec, audit: RecordAudit) -> list[Recorded[Any]]:
    facts = list[Recorded[Any]]()
    for record in page:
        audit.see(record)
        try:
            recorded = codec.decode_event(record)
            _read_through(recorded.fact)
        except Exception as error:  # whatever a stored event is made of, it fails its own check and no other
            audit.see_mystery(record, error)
            continue
        audit.see_understood(recorded)
        facts.append(recorded)
    return facts


def _read_through(fact: object) -> None:
    """Decode the messages inside an entry, which are decoded at first use, so that an unreadable one is found here."""
    match fact:
        case JournalEntry(input=input_, asked=asked):
            carried = [input_, *(one.command for one in asked)]
        case CommandParked(command=command) | CommandResent(command=command) | CommandSkipped(command=command):
            carried = [command]
        case InputParked(unrecorded=Unrecorded(message=message)) | InputResent(unrecorded=Unrecorded(message=message)):
            carried = [message]
        case _:
            return
    for one in carried:
        _ = one.message


async def _second_look(store: EventStore, codec: Codec, audit: RecordAudit, head: Position) -> None:
    ids, runs = audit.suspects()
    if not ids and not runs:
        return
    doubles = Doubles(audit, ids, runs)
    async for page in _pages(store, head):
        for record in page:
            try:
                doubles.see(codec.decode_event(record))
            except Exception:  # seen before, and said
                continue


def _merged(*audits: Mapping[type[Any], Handler]) -> Mapping[type[Any], Sequence[Handler]]:
    handlers = defaultdict[type[Any], list[Handler]](list)
    for audit in audits:
        for kind, handler in audit.items():
            handlers[kind].append(handler)
    return handlers
