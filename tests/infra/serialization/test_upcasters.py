"""Events of the past, brought up to date when they are read."""

from dataclasses import fields
from typing import Any
from uuid import UUID

import pytest

from commands.ports import NO_STREAM
from domain.order.commands import PlaceOrder, Source
from domain.order.decider import order_decider
from domain.order.events import OrderPlaced
from domain.shared.ids import Warehouse
from domain.shared.journal import InputParked
from domain.shared.messages import EVENTS, event
from domain.shared.money import Money
from domain.shared.pricing import PriceStep
from domain.stock.events import Shortage
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


def upcast(name: str, data: bytes) -> Any:
    return JsonCodec(UPCASTERS)._message(name, data)


LINE = (
    b'{"sku":"MUG","product_id":"mug","category_id":null,"title":"Mug","quantity":3,"steps":[],'
    b'"total":{"amount":300,"currency":"EUR"}}'
)
PLACED = (
    b'{"order_id":"o","checkout_id":"o","cart_id":"c","customer_id":"anna","lines":[{"priced":%b,"warehouse":"EAST"}],'
    b'"delivery_method":"post","delivery_price":{"amount":0,"currency":"EUR"},"address":null,'
    b'"total":{"amount":300,"currency":"EUR"},"payment_id":"o","at":"2026-01-01T12:00:00Z"}' % LINE
)


@pytest.mark.parametrize(("name", "kind"), [("order.placed.v1", OrderPlaced), ("order.place.v1", PlaceOrder)])
def test_an_order_of_the_past_came_from_one_warehouse_each_line(name: str, kind: type[Any]) -> None:
    """The command stands in journals, and may be sent again from there."""
    placed = upcast(name, PLACED)
    assert type(placed) is kind
    assert [line.sources for line in placed.lines] == [(Source(warehouse=Warehouse("EAST"), quantity=3),)]
    assert placed.delivery_steps == (PriceStep(kind="list", amount=Money(0, "EUR"), reason="post"),)
    assert order_decider.decide(order_decider.initial, PlaceOrder(**fields_of(placed)))


def test_a_checkout_of_the_past_paid_the_list_price_of_its_delivery() -> None:
    data = (
        b'{"cart_id":"c","checkout_id":"o","owner":"anna","lines":[%b],"delivery":{"method":"post","price":'
        b'{"amount":499,"currency":"EUR"},"warehouses":["EAST"],"address":null},"total":{"amount":799,"currency":"EUR"},'
        b'"payment_method":"card","at":"2026-01-01T12:00:00Z"}' % LINE
    )
    bought = upcast("cart.checked_out.v1", data)
    assert bought.delivery_steps == (PriceStep(kind="list", amount=Money(499, "EUR"), reason="post"),)
    assert (bought.total, bought.limits) == (Money(799, "EUR"), None)


def fields_of(message: Any) -> dict[str, Any]:
    return {field.name: getattr(message, field.name) for field in fields(message)}


def test_a_reservation_of_the_past_has_no_holder() -> None:
    data = b'{"sku":"MUG","warehouse":"MAIN","order_id":"o","quantity":3,"expires_at":"2026-01-01T12:00:00Z"}'
    reserved = upcast("stock.reserved.v1", data)
    assert (reserved.quantity, reserved.holder, reserved.scarce) == (3, None, False)


def test_a_decline_of_the_past_was_for_want_of_stock() -> None:
    data = b'{"sku":"MUG","warehouse":"MAIN","order_id":"o","quantity":3,"available":1}'
    declined = upcast("stock.reservation_declined.v1", data)
    assert (declined.available, declined.cause) == (1, Shortage.STOCK)


def test_a_command_to_reserve_of_the_past_has_neither_holder_nor_limits() -> None:
    data = b'{"sku":"MUG","warehouse":"MAIN","order_id":"o","quantity":3,"expires_at":"2026-01-01T12:00:00Z"}'
    reserve = upcast("stock.reserve.v1", data)
    assert (reserve.expires_if_scarce, reserve.holder, reserve.limits) == (None, None, None)
