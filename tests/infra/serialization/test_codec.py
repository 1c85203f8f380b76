"""Whatever the domain can say is stored and read back as it was."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from immutables import Map

from commands.ports import Record, Unreadable
from commands.routes import ROUTES
from domain.shared.ids import OrderId, Sku, Warehouse
from domain.shared.journal import Envelope, JournalEntry, RequestedCommand
from domain.shared.messages import COMMANDS, EVENTS, event
from domain.shared.recorded import Metadata, Position, Recorded
from domain.stock.commands import ReleaseReservation
from domain.stock.events import StockReceived
from infra.serialization.codec import JsonCodec, UnknownEvent

COMMAND_ID = UUID(int=7)
METADATA = (
    b'{"$correlationId":"00000000-0000-0000-0000-000000000001","$causationId":"00000000-0000-0000-0000-000000000002",'
    b'"command_id":"00000000-0000-0000-0000-000000000007","actor":"staff:ada","recorded_at":"2026-01-02T03:04:05.000006Z",'
    b'"previous":"00","hash":"00"}'
)

texts = st.text(st.characters(codec="utf-8"), max_size=8)
releases = st.builds(
    ReleaseReservation,
    sku=texts.map(Sku),
    warehouse=texts.map(Warehouse),
    order_id=texts.map(OrderId),
    reason=texts,
)
st.register_type_strategy(str, texts)
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(Envelope, releases.map(Envelope))
messages = st.sampled_from(sorted({**EVENTS, **COMMANDS}.values(), key=lambda cls: cls.__qualname__))


@event("test.weighed.v2")
class Weighed:
    grams: int


def record(name: str, data: bytes) -> Record:
    return Record(Position(9), "stock-MUG@MAIN", 3, UUID(int=3), name, data, METADATA)


@settings(max_examples=400, deadline=None)
@given(messages.flatmap(st.from_type))
def test_every_message_comes_back_as_it_was(message: Any) -> None:
    codec = JsonCodec()
    assert codec.decode(codec.encode(message), type(message)) == message


def restocking(attention: str | None = None) -> JournalEntry:
    received = StockReceived(sku=Sku("MUG"), warehouse=Warehouse("MAIN"), quantity=5)
    return JournalEntry(
        process="restock",
        instance="1",
        input_id=UUID(int=1),
        input=Envelope(received),
        input_at=datetime(2026, 1, 2, tzinfo=UTC),
        asked=(RequestedCommand(command_id=COMMAND_ID, command=Envelope(received)),),
        alarms=(),
        phase="Waiting",
        attention=attention,
    )


def test_every_command_that_can_be_routed_has_a_stored_name() -> None:
    assert set(ROUTES) - set(COMMANDS.values()) == set()


def test_a_record_is_understood_with_its_metadata() -> None:
    stored = record("stock.received.v1", b'{"sku":"MUG","warehouse":"MAIN","quantity":5}')
    assert JsonCodec().decode_event(stored) == Recorded(
        StockReceived(sku=Sku("MUG"), warehouse=Warehouse("MAIN"), quantity=5),
        Position(9),
        "stock-MUG@MAIN",
        3,
        UUID(int=3),
        datetime(2026, 1, 2, 3, 4, 5, 6, UTC),
        Metadata(
            command_id=COMMAND_ID,
            correlation_id=UUID(int=1),
            causation_id=UUID(int=2),
            actor="staff:ada",
        ),
    )


def test_a_record_is_noted_with_when_by_whom_and_why() -> None:
    stored = record("stock.received.v1", b'{"sku":"MUG","warehouse":"MAIN","quantity":5}')
    why = METADATA.replace(b'"previous"', b'"reason":"found behind the shelf","previous"')
    noted = JsonCodec().decode_view(stored._replace(metadata=why))
    assert (noted.fact, noted.position) == (JsonCodec().decode_event(stored).fact, Position(9))
    assert noted.recorded_at == datetime(2026, 1, 2, 3, 4, 5, 6, UTC)
    assert (noted.actor, noted.reason) == ("staff:ada", "found behind the shelf")


def test_read_models_see_whole_journal_entries() -> None:
    entry = restocking(attention="late")
    assert JsonCodec().decode_view(record("process.heard.v1", JsonCodec().encode(entry))).fact == entry


def test_an_entry_that_heard_of_an_old_event_is_noted_with_the_name_of_today() -> None:
    codec = JsonCodec({"test.weighed.v1": lambda data: ("test.weighed.v2", {"grams": data["kilos"] * 1000})})
    entry = (
        JsonCodec()
        .encode(restocking())
        .replace(
            b'{"type":"stock.received.v1","data":{"sku":"MUG","warehouse":"MAIN","quantity":5}}',
            b'{"type":"test.weighed.v1","data":{"kilos":3}}',
            1,
        )
    )
    assert codec.decode_view(record("process.heard.v1", entry)).fact.input.name == "test.weighed.v2"


def test_an_entry_that_heard_of_what_nobody_knows_is_an_error() -> None:
    entry = JsonCodec().encode(restocking()).replace(b"stock.received.v1", b"stock.vanished.v1")
    with pytest.raises(UnknownEvent, match=r"No event or command is called stock\.vanished\.v1"):
        JsonCodec().decode_view(record("process.heard.v1", entry))


def test_an_event_of_an_unknown_name_is_an_error_that_says_so() -> None:
    with pytest.raises(UnknownEvent, match=r"No event is called stock\.vanished\.v1"):
        JsonCodec().decode_event(record("stock.vanished.v1", b"{}"))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"sku":"MUG","warehouse":"MAIN","quantity":"five"}', "quantity"),
        (b'{"sku":"MUG","warehouse":"MAIN","quantity":NaN}', "malformed"),
        (b'{"why":' + b"[" * 100_000, "RecursionError"),
        (b'{"sku":"\xff","warehouse":"MAIN","quantity":5}', "utf-8"),
    ],
    ids=["wrong", "not a number", "deep", "no text"],
)
def test_an_event_of_the_wrong_shape_is_an_error_that_says_where(data: bytes, why: str) -> None:
    stored = record("stock.received.v1", data)
    for read in (JsonCodec().decode_event, JsonCodec().decode_view):
        with pytest.raises(Unreadable, match=rf"^stock\.received\.v1 in stock-MUG@MAIN at revision 3 .*{why}"):
            read(stored)


def test_an_old_event_is_brought_up_to_date() -> None:
    codec = JsonCodec({"test.weighed.v1": lambda data: ("test.weighed.v2", {"grams": data["kilos"] * 1000})})
    assert codec.decode_event(record("test.weighed.v1", b'{"kilos":3}')).fact == Weighed(grams=3000)


def test_an_old_event_that_a_journal_carries_is_brought_up_to_date() -> None:
    codec = JsonCodec({"test.weighed.v1": lambda data: ("test.weighed.v2", {"grams": data["kilos"] * 1000})})
    carried = codec.decode(b'{"type":"test.weighed.v1","data":{"kilos":3}}', Envelope)
    assert carried == Envelope(Weighed(grams=3000))


def test_events_are_looked_for_under_all_names_that_they_ever_had() -> None:
    codec = JsonCodec({"test.weighed.v1": lambda data: ("test.weighed.v2", {"grams": data["kilos"] * 1000})})
    assert set(codec.names_of([StockReceived])) == {"stock.received.v1", "test.weighed.v1"}
    assert set(codec.names_of([Weighed])) == {"test.weighed.v1", "test.weighed.v2"}


def test_a_journal_entry_names_what_it_carries() -> None:
    entry = restocking()
    stored = msgspec.json.decode(JsonCodec().encode(entry))
    assert stored["input"] == {"type": "stock.received.v1", "data": {"sku": "MUG", "warehouse": "MAIN", "quantity": 5}}
    assert JsonCodec().decode(JsonCodec().encode(entry), JournalEntry) == entry


def test_a_carried_message_is_read_when_somebody_looks_at_it() -> None:
    carried = JsonCodec().decode(b'{"type":"stock.received.v1","data":{"quantity":"five"}}', Envelope)
    assert carried.name == "stock.received.v1"
    with pytest.raises(msgspec.ValidationError, match="quantity"):
        _ = carried.message


def test_a_carried_message_of_an_unknown_name_is_an_error_at_once() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"No event or command is called stock\.vanished\.v1"):
        JsonCodec().decode(b'{"type":"stock.vanished.v1","data":{}}', Envelope)


def test_maps_in_a_state_come_back_with_their_types() -> None:
    class Shelf(msgspec.Struct):
        held: Map[Sku, StockReceived]

    shelf = Shelf(Map({Sku("MUG"): StockReceived(sku=Sku("MUG"), warehouse=Warehouse("MAIN"), quantity=5)}))
    assert JsonCodec().decode(JsonCodec().encode(shelf), Shelf) == shelf
