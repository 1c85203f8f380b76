"""Orders and checkouts as they change, over a WebSocket."""

from datetime import timedelta
from time import time

import pytest
from starlette.routing import WebSocketRoute

from domain.order.events import OrderCancelled, OrderCompleted
from domain.shared.ids import OrderId
from http_edge.bodies import LARGEST
from infra.security.tokens import Tokens
from read_api.http import sockets
from read_api.http.endpoint import SUBSCRIPTIONS
from tests.support.builders.purchases import Purchase
from tests.support.fixtures.socket import Closed, Socket, connected
from tests.support.harness.permitted import Permitted
from tests.support.harness.read_side import SECRET, ReadSide, token

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
        assert (first["status"], first["timeline"][-1]["kind"]) == ("PLACED", "order.placed.v3")
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
        assert await socket.next() == {"checkoutStatus": {"phase": "RESERVING", "order": None}}
        purchase.request_payment()
        await shop.catch_up()
        assert await socket.next() == {"checkoutStatus": {"phase": "AWAITING_PAYMENT", "order": None}}
        purchase.authorise()
        purchase.place()
        await shop.catch_up()
        assert await socket.next() == {"checkoutStatus": {"phase": "PLACED", "order": {"status": "PLACED"}}}
        assert await socket.hear() == {"id": it, "type": "complete"}


async def test_a_checkout_that_was_just_accepted_is_watched_before_the_read_model_knows_it(shop: ReadSide) -> None:
    await shop.catch_up()
    Purchase(shop.log).check_out()
    await shop.store_what_was_told()
    async with connected(shop.app) as socket:
        await socket.greet(ANNA)
        await socket.subscribe(CHECKOUT, id="O1")
        await shop.catch_up()
        assert await socket.next() == {"checkoutStatus": {"phase": "RESERVING", "order": None}}


async def test_a_checkout_that_never_was_is_told_as_such(shop: ReadSide) -> None:
    await shop.catch_up()
    async with connected(shop.app) as socket:
        await socket.greet(ANNA)
        await socket.subscribe(CHECKOUT, id="O1")
        (error,) = (await socket.hear())["payload"]["errors"]
        assert (error["message"], error["extensions"]["code"]) == ("There is no such checkout.", "NOT_FOUND")


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
        await socket.say_text("x" * (LARGEST + 1))
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


async def until_closed(socket: Socket) -> Closed:
    while True:
        try:
            await socket.hear()
        except Closed as closed:
            return closed


async def test_a_socket_ends_with_its_token(shop: ReadSide) -> None:
    """Also in the middle of a subscription, and nothing is told behind the end."""
    purchase = Purchase(shop.log)
    purchase.buy()
    await shop.catch_up()
    tokens = Tokens(SECRET)
    began = time()
    async with connected(shop.app) as socket:
        # Expiry is in whole seconds (RFC 7519): this one has one to two of them.
        await socket.greet(tokens.issue("anna", ["shopper"], timedelta(seconds=2)))
        await socket.subscribe(ORDER, id="O1")
        assert (await socket.next())["orderStatus"]["status"] == "PLACED"
        closed = await until_closed(socket)
        assert time() >= int(began) + 2
        assert (closed.code, closed.reason) == (4403, "The token has expired. Connect again with a new one.")
        await socket.say({"type": "ping"})
        purchase.fulfil()
        await shop.catch_up()
        assert socket.from_app.empty()


class ChangingTokens:
    """Permissions of every caller, as they are now; None: no token is good any more."""

    now: frozenset[str] | None = frozenset({"audit"})

    def verify(self, _token: str) -> Permitted:
        if self.now is None:
            raise ValueError("The session has ended. Log in again.")
        return Permitted(self.now)


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        (frozenset({"till"}), "What you may do has changed. Connect again."),
        (None, "The session has ended. Log in again."),
    ],
)
async def test_a_socket_ends_soon_after_what_its_caller_may_do_has_changed(
    shop: ReadSide, monkeypatch: pytest.MonkeyPatch, then: frozenset[str] | None, reason: str
) -> None:
    monkeypatch.setattr(sockets, "CHECKED_EVERY", 0.05)
    Purchase(shop.log).buy()
    await shop.catch_up()
    tokens = ChangingTokens()
    (route,) = [route for route in shop.app.router.routes if isinstance(route, WebSocketRoute)]
    monkeypatch.setattr(route.endpoint, "_tokens", tokens)
    async with connected(shop.app) as socket:
        await socket.greet("whatever")
        await socket.subscribe(ORDER, id="O1")
        assert (await socket.next())["orderStatus"]["status"] == "PLACED"
        tokens.now = then
        closed = await until_closed(socket)
        assert (closed.code, closed.reason) == (4403, reason)


async def test_an_expired_token_opens_no_socket(shop: ReadSide) -> None:
    await shop.catch_up()
    async with connected(shop.app) as socket:
        with pytest.raises(Closed) as closed:
            await socket.greet(Tokens(SECRET).issue("anna", ["shopper"], timedelta(seconds=-5)))
        assert closed.value.code == 4403


async def test_two_tokens_in_one_greeting_are_refused(shop: ReadSide) -> None:
    await shop.catch_up()
    async with connected(shop.app) as socket:
        greeting = {"Authorization": f"Bearer {ANNA}", "authorization": f"Bearer {BEN}"}
        await socket.say({"type": "connection_init", "payload": greeting})
        assert (await until_closed(socket)).code == 4403


async def test_who_subscribes_to_nothing_is_closed_and_who_subscribes_is_not(
    shop: ReadSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "IDLE", 0.2)
    purchase = Purchase(shop.log)
    purchase.buy()
    await shop.catch_up()
    async with connected(shop.app) as anna, connected(shop.app) as idle, connected(shop.app) as silent:
        await anna.greet(ANNA)
        it = await anna.subscribe(ORDER, id="O1")
        assert (await anna.next())["orderStatus"]["status"] == "PLACED"
        await idle.greet()
        for socket in (idle, silent):
            closed = await until_closed(socket)
            assert (closed.code, closed.reason) == (1000, "Nothing was subscribed to for 0.2 seconds.")
        purchase.fulfil()
        await shop.catch_up()
        assert (await anna.next())["orderStatus"]["status"] == "DELIVERED"
        await anna.say({"type": "complete", "id": it})
        assert (await until_closed(anna)).code == 1000
