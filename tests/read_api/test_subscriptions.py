"""Orders and checkouts as they change, over a WebSocket."""

import pytest

from domain.order.events import OrderCancelled, OrderCompleted
from domain.shared.ids import OrderId
from read_api.http.endpoint import SUBSCRIPTIONS
from read_api.http.wrapping import LARGEST_BODY
from tests.support.builders.purchases import Purchase
from tests.support.fixtures.socket import Closed, connected
from tests.support.harness.read_side import ReadSide, token

ANNA, BEN, BOB = token("anna", "shopper"), token("ben", "shopper"), token("bob", "back_office")

ORDER = "subscription ($id: ID!) { orderStatus(id: $id) { status timeline { kind } } }"
CHECKOUT = (
    "subscription ($id: ID!, $after: Position) { checkoutStatus(id: $id, after: $after) { phase order { status } } }"
)


async def test_an_order_is_told_at_each_change_and_ends(shop: ReadSide) -> None:
    purchase = Purchase(shop.log)
    purchase.buy()
    await shop.catch_up()
    async with connected(shop.app) as socket:
        assert (await socket.greet(ANNA))["type"] == "connection_ack"
        it = await socket.subscribe(ORDER, id="O1")
        first = (await socket.next())["orderStatus"]
        assert (first["status"], first["timeline"][-1]["kind"]) == ("PLACED", "order.placed.v1")
        purchase.fulfil()
        await shop.catch_up()
        second = (await socket.next())["orderStatus"]
        assert (second["status"], second["timeline"][-1]["kind"]) == ("DELIVERED", "shipment.delivered.v1")
        shop.log.tell(OrderCompleted(order_id=purchase.order_id))
        await shop.catch_up()
        assert (await socket.next())["orderStatus"]["status"] == "COMPLETED"
        assert await socket.hear() == {"id": it, "type": "complete"}


async def test_a_checkout_is_told_until_it_is_decided(shop: ReadSide) -> None:
    purchase = Purchase(shop.log)
    purchase.check_out()
    position = await shop.catch_up()
    async with connected(shop.app) as socket:
        await socket.greet(ANNA)
        it = await socket.subscribe(CHECKOUT, id="O1", after=str(position))
        assert await socket.next() == {"checkoutStatus": {"phase": "reserving", "order": None}}
        purchase.request_payment()
        await shop.catch_up()
        assert await socket.next() == {"checkoutStatus": {"phase": "awaiting payment", "order": None}}
        purchase.authorise()
        purchase.place()
        await shop.catch_up()
        assert await socket.next() == {"checkoutStatus": {"phase": "placed", "order": {"status": "PLACED"}}}
        assert await socket.hear() == {"id": it, "type": "complete"}


async def test_all_who_watch_share_one_query_for_each_step(shop: ReadSide) -> None:
    first, second = Purchase(shop.log, "O1"), Purchase(shop.log, "O2", customer="ben")
    first.buy()
    second.buy()
    await shop.catch_up()
    plain = ORDER.replace(" timeline { kind }", "")
    async with connected(shop.app) as anna, connected(shop.app) as ben:
        for socket, name, it in ((anna, ANNA, "O1"), (ben, BEN, "O2")):
            await socket.greet(name)
            await socket.subscribe(plain, id=it)
            assert await socket.next() == {"orderStatus": {"status": "PLACED"}}
        shop.models.statements.clear()
        for order in ("O1", "O2"):
            shop.log.tell(OrderCancelled(order_id=OrderId(order), reason="too late"))
        await shop.catch_up()
        for socket in (anna, ben):
            assert await socket.next() == {"orderStatus": {"status": "CANCELLED"}}
        assert len(shop.models.statements) == 1


@pytest.mark.parametrize(
    ("name", "order", "code"),
    [(None, "O1", "UNAUTHENTICATED"), (BEN, "O1", "NOT_FOUND"), (BEN, "NONE", "NOT_FOUND")],
)
async def test_foreign_orders_are_not_told(shop: ReadSide, name: str | None, order: str, code: str) -> None:
    Purchase(shop.log).buy()
    await shop.catch_up()
    async with connected(shop.app) as socket:
        await socket.greet(name)
        await socket.subscribe(ORDER, id=order)
        message = await socket.hear()
        errors = message["payload"]["errors"] if message["type"] == "next" else message["payload"]
        assert [error["extensions"]["code"] for error in errors] == [code]


async def test_staff_may_watch(shop: ReadSide) -> None:
    Purchase(shop.log).buy()
    await shop.catch_up()
    async with connected(shop.app) as socket:
        await socket.greet(BOB)
        await socket.subscribe(ORDER, id="O1")
        assert (await socket.next())["orderStatus"]["status"] == "PLACED"


async def test_a_forged_token_ends_the_connection(shop: ReadSide) -> None:
    await shop.catch_up()
    async with connected(shop.app) as socket:
        with pytest.raises(Closed) as closed:
            await socket.greet("forged")
        assert closed.value.code == 4403


async def test_a_connection_carries_so_many_subscriptions(shop: ReadSide) -> None:
    Purchase(shop.log).buy()
    await shop.catch_up()
    async with connected(shop.app) as socket:
        await socket.greet(ANNA)
        for _ in range(SUBSCRIPTIONS):
            await socket.subscribe(ORDER, id="O1")
            await socket.next()
        it = await socket.subscribe(ORDER, id="O1")
        message = await socket.hear()
        assert (message["id"], message["type"]) == (it, "error")


async def test_queries_do_not_go_over_the_socket(shop: ReadSide) -> None:
    await shop.catch_up()
    async with connected(shop.app) as socket:
        await socket.greet(ANNA)
        await socket.subscribe("{ me { subject } }")
        message = await socket.hear()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_message_has_a_limit(shop: ReadSide) -> None:
    await shop.catch_up()
    async with connected(shop.app) as socket:
        await socket.greet(ANNA)
        await socket.say_text("x" * (LARGEST_BODY + 1))
        with pytest.raises(Closed) as closed:
            await socket.hear()
        assert closed.value.code == 1009


async def test_whoever_unsubscribes_is_forgotten(shop: ReadSide) -> None:
    purchase = Purchase(shop.log)
    purchase.buy()
    await shop.catch_up()
    async with connected(shop.app) as socket:
        await socket.greet(ANNA)
        it = await socket.subscribe(ORDER, id="O1")
        await socket.next()
        await socket.say({"type": "complete", "id": it})
        await socket.say({"type": "ping"})
        assert await socket.hear() == {"type": "pong"}
        purchase.fulfil()
        await shop.catch_up()
        await socket.say({"type": "ping"})
        assert await socket.hear() == {"type": "pong"}
