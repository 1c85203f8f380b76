"""What was stored once can be read for ever."""

import json
from pathlib import Path

import pytest

from commands.ports import NO_STREAM
from infra.eventstore.factory import in_memory_store
from infra.serialization.upcasters import UPCASTERS
from tests.infra.eventstore.making import event
from tests.support.builders.golden import CODEC, examples, golden, name_in, read, stored_events

EVENTS = stored_events()


@pytest.mark.parametrize("file", [file for file in golden() if name_in(file) in EVENTS], ids=name_in)
def test_an_event_reads_and_writes_as_on_its_first_day(file: Path) -> None:
    stored, expected = read(file), examples(EVENTS[name_in(file)])

    assert [CODEC.decode(json.dumps(each).encode(), EVENTS[name_in(file)]) for each in stored] == expected
    assert [json.loads(CODEC.encode(each)) for each in expected] == stored


@pytest.mark.parametrize("file", golden(), ids=name_in)
async def test_an_event_of_any_day_is_understood(file: Path) -> None:
    store = in_memory_store()
    events = [event(json.dumps(each).encode(), type=name_in(file)) for each in read(file)]
    await store.append("stock-a", events, expected=NO_STREAM)

    facts = [CODEC.decode_event(record).fact for record in await store.read("stock-a")]

    assert all(type(fact) in EVENTS.values() for fact in facts)


def test_every_event_has_its_golden_file() -> None:
    """Missing? `python -m tests.support.builders.golden` writes it; commit it with the event."""
    assert {name_in(file) for file in golden()} >= EVENTS.keys()


def test_every_golden_file_is_of_an_event_or_of_its_past() -> None:
    """Commands of the past are kept inside journals only; tests/infra/serialization/test_upcasters.py reads them."""
    commands_of_the_past = {"order.place.v1", "order.place.v2"}
    assert {name_in(file) for file in golden()} == EVENTS.keys() | UPCASTERS.keys() - commands_of_the_past
