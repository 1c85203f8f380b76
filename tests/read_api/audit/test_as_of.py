"""An order as it was."""

from datetime import timedelta, timezone
from typing import Any

import pytest

from commands.ports import Record
from domain.cart.events import ItemRemoved
from domain.order.events import OrderCancelled
from domain.shared.ids import CartId, OrderId, Sku
from infra.serialization.codec import JsonCodec
from tests.read_api.test_orders import ANNA, BEN, ORDER
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.purchases import Purchase, bought
from tests.support.harness.read_side import Asker, ReadSide

AS_OF = [
    ({"position": "5"}, None, None),
    ({"position": "6"}, "PLACED", "order.placed.v3"),
    ({"position": "12"}, "PLACED", "payment.captured.v1"),
    ({"position": "15"}, "DISPATCHED", "shipment.dispatched.v1"),
    ({"time": (NOON + timedelta(seconds=15)).isoformat()}, "DISPATCHED", "shipment.dispatched.v1"),
    ({"time": (NOON + timedelta(days=1)).isoformat()}, "DELIVERED", "shipment.delivered.v1"),
    ({"time": (NOON - timedelta(days=1)).isoformat()}, None, None),
]


async def test_an_order_is_shown_as_it_was(shop: ReadSide) -> None:
    bought(shop.log)
    await shop.catch_up()
    for as_of, status, last in AS_OF:
        order = (await shop.ask(ORDER, id="O1", asOf=as_of, token=ANNA))["order"]
        shown = (None, None) if order is None else (order["status"], order["timeline"][-1]["kind"])
        assert (as_of, shown) == (as_of, (status, last))


async def test_the_past_up_to_now_is_the_present(shop: ReadSide) -> None:
    bought(shop.log)
    Purchase(shop.log, "O2").buy()
    shop.log.tell(OrderCancelled(order_id=OrderId("O2"), reason="changed my mind"), stream="order-O2", why="phone call")
    position = await shop.catch_up()
    for it in ("O1", "O2"):
        now = await shop.ask(ORDER, id=it, token=ANNA)
        assert await shop.ask(ORDER, id=it, asOf={"position": str(position)}, token=ANNA) == now


async def test_the_past_is_as_private_as_the_present(shop: ReadSide) -> None:
    bought(shop.log)
    await shop.catch_up()
    assert await shop.ask(ORDER, id="O1", asOf={"position": "9"}, token=BEN) == {"order": None}
    assert await shop.refused(ORDER, id="O1", asOf={"position": "9"}) == (200, ["UNAUTHENTICATED"])


@pytest.mark.parametrize(
    "time", ["2026-11-25T12:00:00", "2026-11-25", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "", "now"]
)
async def test_a_time_that_is_not_certain_is_refused_with_what_to_write(empty: Asker, time: str) -> None:
    answer = await empty.post({"query": ORDER, "variables": {"id": "O1", "asOf": {"time": time}}}, token=ANNA)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (400, "BAD_USER_INPUT")
    assert error["message"].endswith("Write date, time and offset, such as 2026-11-25T12:00:00Z (RFC 3339).")
    literal = """{ order(id: "O1", asOf: {time: "TIME"}) { status } }""".replace("TIME", time)
    assert await empty.refused(literal, token=ANNA) == (400, ["BAD_USER_INPUT"])


async def test_the_same_time_is_the_same_whatever_its_offset(shop: ReadSide) -> None:
    bought(shop.log)
    await shop.catch_up()
    at = NOON + timedelta(seconds=15)
    elsewhere = [at.astimezone(timezone(timedelta(hours=hours))).isoformat() for hours in (-12, 0, 14)]
    shown = [await shop.ask(ORDER, id="O1", asOf={"time": time}, token=ANNA) for time in elsewhere]
    assert shown == [shown[1]] * 3
    assert shown[1]["order"]["status"] == "DISPATCHED"


@pytest.mark.parametrize("as_of", [{}, {"position": "1", "time": NOON.isoformat()}, {"position": "x"}, {"time": "?"}])
async def test_a_point_in_the_past_is_one_point(empty: Asker, as_of: dict[str, str]) -> None:
    status, codes = await empty.refused(ORDER, id="O1", asOf=as_of, token=ANNA)
    assert status == 400
    assert set(codes) <= {"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"}


def times(number: int) -> str:
    fields = " ".join(f'a{n}: order(id: "O1", asOf: {{position: "{n}"}}) {{ status }}' for n in range(number))
    return f"{{ {fields} }}"


async def test_many_points_in_the_past_cost_one_reading_and_have_a_limit(
    shop: ReadSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought(shop.log)
    shop.log.tell(*(ItemRemoved(cart_id=CartId("C1"), sku=Sku("NONE"), at=NOON) for _ in range(50)), stream="cart-C1")
    await shop.catch_up()
    history = shop.app.state.ports.history
    monkeypatch.setattr("infra.audit.history.PART", 20)
    read, decode_event = list[tuple[str, int]](), list[str]()
    reading, understanding = history.store.read, JsonCodec.decode_event

    async def counted_reading(stream: str, *, after: int, limit: int) -> Any:
        read.append((stream, after))
        return await reading(stream, after=after, limit=limit)

    def counted_understanding(codec: JsonCodec, record: Record) -> Any:
        decode_event.append(record.type)
        return understanding(codec, record)

    monkeypatch.setattr(history.store, "read", counted_reading)
    monkeypatch.setattr(JsonCodec, "decode_event", counted_understanding)
    found = await shop.ask(times(9), token=ANNA)
    assert [found[f"a{n}"] for n in (5, 6, 8)] == [None, {"status": "PLACED"}, {"status": "PLACED"}]
    assert [after for stream, after in read if stream == "cart-C1"] == [-1, 19, 39]
    assert len({stream for stream, _ in read}) == len(read) - 2
    assert "cart.item_removed.v1" not in decode_event
    assert await shop.refused(times(30), token=ANNA) == (400, ["QUERY_TOO_COMPLEX"])
    monkeypatch.setattr("read_api.graphql.context.PAST", 20)
    status, codes = await shop.refused(times(9), token=ANNA)
    assert (status, set(codes)) == (200, {"QUERY_TOO_COMPLEX"})
