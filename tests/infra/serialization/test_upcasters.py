"""Events of the past, brought up to date when they are read."""

from typing import Any
from uuid import UUID

import pytest

from commands.ports import NO_STREAM
from domain.shared.journal import InputParked
from domain.shared.messages import EVENTS, event
from infra.eventstore.factory import in_memory_store
from infra.serialization.codec import JsonCodec, UnknownEvent
from infra.serialization.upcasters import UPCASTERS
from process_managers.engine.journal import entry_id
from tests.infra.eventstore import making


@event("test.counted.v3")
class Counted:
    """Once a bare number (v1), then with its place (v2), today place and reason."""

    quantity: int
    shelf: str | None
    reason: str


def with_shelf(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "test.counted.v2", {"quantity": data["n"], "shelf": None}


def with_reason(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "test.counted.v3", data | {"reason": "stocktake"}


CODEC = JsonCodec({"test.counted.v1": with_shelf, "test.counted.v2": with_reason})


@pytest.mark.parametrize(
    ("name", "data", "fact"),
    [
        ("test.counted.v1", b'{"n":3}', Counted(quantity=3, shelf=None, reason="stocktake")),
        ("test.counted.v2", b'{"quantity":3,"shelf":"A1"}', Counted(quantity=3, shelf="A1", reason="stocktake")),
        (
            "test.counted.v3",
            b'{"quantity":3,"shelf":"A1","reason":"loss"}',
            Counted(quantity=3, shelf="A1", reason="loss"),
        ),
    ],
)
async def test_an_event_is_read_in_its_newest_form_and_stays_as_it_was_stored(
    name: str, data: bytes, fact: Counted
) -> None:
    store = in_memory_store()
    await store.append("test-a", [making.event(data, type=name)], expected=NO_STREAM)

    (record,) = await store.read("test-a")

    assert CODEC.decode_event(record).fact == fact
    assert (record.type, record.data) == (name, data)


async def test_a_chain_that_ends_nowhere_is_an_unknown_event() -> None:
    store = in_memory_store()
    await store.append("test-a", [making.event(b'{"n":3}', type="test.counted.v1")], expected=NO_STREAM)

    (record,) = await store.read("test-a")

    with pytest.raises(UnknownEvent, match=r"test\.counted\.v2"):
        JsonCodec({"test.counted.v1": with_shelf}).decode_event(record)


async def test_an_input_that_was_parked_before_its_content_was_kept_still_has_its_name() -> None:
    store = in_memory_store()
    data = (
        b'{"process":"checkout","input_id":"00000000-0000-0000-0000-000000000003","input":"process.timer_fired.v1",'
        b'"stream":"","revision":-1,"error":"KeyError"}'
    )
    await store.append("test-a", [making.event(data, type="process.input_parked.v1")], expected=NO_STREAM)

    (record,) = await store.read("test-a")

    assert JsonCodec(UPCASTERS).decode_event(record).fact == InputParked(
        process="checkout",
        instance=None,
        entry_id=entry_id("checkout", UUID(int=3)),
        input_id=UUID(int=3),
        input="process.timer_fired.v1",
        stream="",
        revision=-1,
        unrecorded=None,
        error="KeyError",
    )


def test_no_name_that_is_written_today_is_upcast() -> None:
    assert not UPCASTERS.keys() & EVENTS.keys()
