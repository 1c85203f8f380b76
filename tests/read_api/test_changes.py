"""One subscription for many things: which changed, and where in the log."""

from domain.product.events import ProductDescribed
from domain.shared.ids import ProductId
from read_api.graphql.relay import global_id
from tests.read_api.test_orders import ANNA, BEN
from tests.support.builders.catalogue import on_sale
from tests.support.builders.purchases import Purchase, a_cart
from tests.support.fixtures.socket import Socket, connected
from tests.support.harness.read_side import ReadSide, token

WEB = token("web", "web")
CHANGED = "subscription ($ids: [ID!]!, $after: Position) { changed(ids: $ids, after: $after) { id position } }"
O1, O2, CHECKOUT, CART, MILK = (
    global_id(kind, key)
    for kind, key in (("Order", "O1"), ("Order", "O2"), ("Checkout", "O1"), ("Cart", "C1"), ("Product", "MILK"))
)
ALL = [O1, O2, CHECKOUT, CART, MILK]


async def heard(socket: Socket, changes: int) -> set[tuple[str, str]]:
    """So many changes, in however many messages they come."""
    found = set[tuple[str, str]]()
    while len(found) < changes:
        found |= {(it["id"], it["position"]) for it in (await socket.next())["changed"]}
    return found


async def test_changes_of_all_that_is_watched_are_told_with_their_positions(shop: ReadSide) -> None:
    on_sale(shop.log, "MILK", 99, title="Whole milk")
    first = str(await shop.catch_up())
    async with connected(shop.app) as socket:
        await socket.greet(WEB)
        await socket.subscribe(CHANGED, ids=ALL, after=first)
        Purchase(shop.log).check_out()
        at = str(await shop.catch_up())
        cart = str(int(at) - 1)
        assert await heard(socket, 3) == {(O1, at), (CHECKOUT, at), (CART, cart)}
        described = ProductDescribed(product_id=ProductId("MILK"), title="Milk", description="", brand="")
        shop.log.tell(described, stream="product-MILK")
        at = str(await shop.catch_up())
        assert await heard(socket, 1) == {(MILK, at)}


async def test_what_changed_before_the_position_is_not_told(shop: ReadSide) -> None:
    """Nor what changed before the subscription, when it names none."""
    Purchase(shop.log).check_out()
    before = str(await shop.catch_up())
    Purchase(shop.log, "O2", customer="ben", cart="C2").check_out()
    after = str(await shop.catch_up())
    async with connected(shop.app) as socket:
        await socket.greet(WEB)
        await socket.subscribe(CHANGED, ids=ALL, after=before)
        assert await heard(socket, 1) == {(O2, after)}


async def test_shoppers_hear_of_their_own_things_only(shop: ReadSide) -> None:
    first = str(await shop.catch_up())
    a_cart(shop.log)
    Purchase(shop.log).buy()
    Purchase(shop.log, "O2", customer="ben", cart="C2").buy()
    await shop.catch_up()
    for caller, theirs in ((ANNA, {O1, CHECKOUT, CART}), (BEN, {O2})):
        async with connected(shop.app) as socket:
            await socket.greet(caller)
            await socket.subscribe(CHANGED, ids=ALL, after=first)
            assert {it for it, _ in await heard(socket, len(theirs))} == theirs


async def test_watching_needs_a_token_and_ids_of_things(shop: ReadSide) -> None:
    await shop.catch_up()
    for caller, ids, code in (
        (None, ALL, "UNAUTHENTICATED"),
        (ANNA, [global_id("Category", "FOOD")], "BAD_USER_INPUT"),
        (ANNA, ["O1"], "BAD_USER_INPUT"),
        (ANNA, [O1] * 1_001, "BAD_USER_INPUT"),
    ):
        async with connected(shop.app) as socket:
            await socket.greet(caller)
            await socket.subscribe(CHANGED, ids=ids)
            (error,) = (await socket.hear())["payload"]["errors"]
            assert error["extensions"]["code"] == code


async def test_the_server_of_the_pages_reads_nothing(shop: ReadSide) -> None:
    Purchase(shop.log).buy()
    await shop.catch_up()
    assert await shop.ask('{ order(id: "O1") { status } cart(id: "C1") { total { amount } } }', token=WEB) == {
        "order": None,
        "cart": None,
    }
