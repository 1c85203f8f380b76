"""Seals: what they cover, and that a changed byte shows."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.ports import ANY, NO_STREAM, NewEvent, Record
from domain.shared.recorded import START, Metadata, Position
from infra.eventstore.factory import ClosableEventStore, in_memory_store, open_event_store
from infra.eventstore.hash_chain import BrokenSeal, NotStorable, hash_of, timestamp
from infra.eventstore.postgres.append_rules import EMPTY, seal_all
from tests.infra.eventstore.making import event, of, stock, verify_all, whole_log

AT = "2026-11-25T12:00:00.000000Z"


def records(*events: NewEvent) -> list[Record]:
    sealed = seal_all("stock-a", events, EMPTY, AT)
    return [
        Record(Position(n + 1), "stock-a", revision, new.event_id, new.type, new.data, metadata)
        for n, (new, (revision, metadata)) in enumerate(zip(events, sealed, strict=True))
    ]


def test_metadata_is_as_documented() -> None:
    metadata = Metadata(
        command_id=UUID(int=1),
        correlation_id=UUID(int=2),
        causation_id=UUID(int=3),
        actor="back office",
        reason="counted",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        fingerprint="f",
    )
    (record,) = records(NewEvent(UUID(int=4), "stock.received.v1", b"{}", metadata))

    assert list(json.loads(record.metadata).items()) == [
        ("$correlationId", "00000000-0000-0000-0000-000000000002"),
        ("$causationId", "00000000-0000-0000-0000-000000000003"),
        ("command_id", "00000000-0000-0000-0000-000000000001"),
        ("actor", "back office"),
        ("reason", "counted"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("fingerprint", "f"),
        ("recorded_at", AT),
        ("previous", "0" * 64),
        ("hash", hash_of(record)),
    ]


def test_metadata_leaves_out_what_is_not_known() -> None:
    (record,) = records(event())
    assert list(json.loads(record.metadata)) == [
        "$correlationId",
        "$causationId",
        "command_id",
        "actor",
        "recorded_at",
        "previous",
        "hash",
    ]


def test_a_hash_can_be_computed_by_the_documentation_alone() -> None:
    _, record = records(event(), event(b'{"\xc3\xa4": 1}'))
    before, _, after = record.metadata.rpartition(b',"hash":"')
    assert after == json.loads(record.metadata)["hash"].encode() + b'"}'

    parts = [
        b"stock-a",
        b"1",
        str(record.event_id).encode(),
        b"stock.received.v1",
        b'{"\xc3\xa4": 1}',
        before + b"}",
    ]
    assert sha256(b"\0".join(parts)).hexdigest() == json.loads(record.metadata)["hash"]


def test_the_hash_does_not_change_with_the_program() -> None:
    """Logs of the past must still verify: this digest was written down on the first day."""
    metadata = Metadata(command_id=UUID(int=1), correlation_id=UUID(int=2), causation_id=UUID(int=3), actor="a")
    (record,) = records(NewEvent(UUID(int=4), "stock.received.v1", b'{"quantity":1}', metadata))
    assert hash_of(record) == "a2bc4af707a388a71f1bc480542c0d779b72103bd45dc567d91f403f83c9d9a8"


@given(st.integers(0, 2), st.sampled_from(["data", "metadata"]), st.data())
def test_a_changed_byte_breaks_the_chain(which: int, part: str, data: st.DataObject) -> None:
    chain = records(event(), event(b'{"quantity": 2}'), event())
    stored = bytearray(getattr(chain[which], part))
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= data.draw(st.integers(1, 255))
    changed = bytes(stored)
    chain[which] = chain[which]._replace(data=changed) if part == "data" else chain[which]._replace(metadata=changed)

    with pytest.raises(BrokenSeal):
        verify_all(chain)


OTHERS = [
    lambda record: record._replace(stream="stock-b"),
    lambda record: record._replace(revision=record.revision + 1),
    lambda record: record._replace(event_id=UUID(int=9)),
    lambda record: record._replace(type="stock.lost.v1"),
    lambda record: record._replace(stream=record.stream + "0", type=record.type[1:]),
]


@pytest.mark.parametrize("changed", OTHERS)
@pytest.mark.parametrize("which", range(3))
def test_a_record_under_another_name_breaks_the_chain(which: int, changed: Callable[[Record], Record]) -> None:
    chain = records(event(), event(), event())
    chain[which] = changed(chain[which])

    with pytest.raises(BrokenSeal):
        verify_all(chain)


def test_a_record_left_out_or_moved_breaks_the_chain() -> None:
    first, second, third = records(event(), event(), event())
    verify_all([first, second, third])
    for chain in ([second, third], [first, third], [second, first, third]):
        with pytest.raises(BrokenSeal):
            verify_all(chain)


async def test_a_byte_changed_in_the_database_is_found(database_url: str) -> None:
    store = (await open_event_store(database_url)).store
    await store.append("stock-a", [event(), event(b'{"quantity":5}'), event()], expected=NO_STREAM)
    intruder = await asyncpg.connect(database_url)
    await intruder.execute("set session_replication_role = replica")
    await intruder.execute("update events set data = '{\"quantity\":6}' where revision = 1")
    await intruder.close()

    chain = await store.read("stock-a")
    await store.close()
    with pytest.raises(BrokenSeal, match="stock-a at revision 1"):
        verify_all(chain)


async def test_records_of_one_store_verify_in_another(store: ClosableEventStore) -> None:
    """Equal appends have equal seals wherever they are kept, so records can be copied byte for byte."""
    await store.append(stock("a"), [event(), event()], expected=NO_STREAM)
    copied = [
        (record.stream, record.revision, record.event_id, record.type, record.data, record.metadata)
        for record in await whole_log(store)
    ]
    verify_all([Record(Position(1000 * n), *row) for n, row in enumerate(copied)])


async def test_time_never_runs_backwards_in_a_store(store_url: str) -> None:
    shown = datetime(2026, 11, 25, 12, tzinfo=UTC)
    store = (await open_event_store(store_url, lambda: shown)).store
    for minute in (5, 3, 4, 9):
        shown = shown.replace(minute=minute)
        await store.append(stock("a"), [event()], expected=ANY)
    log = await whole_log(store)
    await store.close()
    assert [json.loads(record.metadata)["recorded_at"][14:16] for record in log] == ["05", "05", "05", "09"]


def test_timestamps_are_utc_and_compare_as_text() -> None:
    assert timestamp(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))) == "2025-12-31T23:00:00.000000Z"


async def test_metadata_that_is_no_text_is_refused_and_harms_nobody() -> None:
    store = in_memory_store()
    with pytest.raises(NotStorable):
        await store.append("stock-a", [event(), of("\ud800", event())], expected=ANY)
    assert await store.head() == START
