"""From the catalogue into a cart, and from the cart to the shopper's word."""

from uuid import UUID

import pytest

from commands.handler import CommandHandler
from commands.lookups.catalogue import NotForSale, UnknownSku
from commands.lookups.checkout import (
    Purchase,
    accept_price_changes,
    add_items,
    check_out,
    open_cart,
    pay_again,
)
from commands.ports import Appended
from commands.routes import CART, PAYMENT
from domain.cart.commands import Delivery, OpenCart
from domain.cart.delivery import AddressMissing, DeliveryMethod, DeliveryOptions, UnknownDeliveryMethod
from domain.cart.errors import NoLongerSold, PriceChanged, TotalChanged
from domain.cart.state import Cart
from domain.payment.commands import RecordFailure, RequestPayment
from domain.payment.errors import PaymentNotFound
from domain.payment.state import Payment, PaymentPhase
from domain.product.commands import Unpublish
from domain.shared.errors import NotFound
from domain.shared.ids import CartId, CheckoutId, CustomerId, OrderId, PaymentId, Sku, Warehouse
from domain.shared.personal import Sealed
from domain.shared.units import Units
from tests.support.builders.for_sale import (
    MUG,
    NOON,
    TEA,
    by_staff,
    product_id,
    put_on_sale,
    reprice,
    shop_handler,
    usd,
)
from tests.support.fixtures.memory import MemoryStore

ANNAS = CartId("annas")
OPENING = OpenCart(cart_id=ANNAS, owner=CustomerId("anna"), currency="USD", at=NOON)
ONE = UUID(int=1)
MUGS = Units(sku=MUG, quantity=2)
TEAS = Units(sku=TEA, quantity=1)
HOME = Sealed(subject="anna", ciphertext="...")
OPTIONS = DeliveryOptions(
    methods={"standard": DeliveryMethod(price=usd(499)), "pickup": DeliveryMethod(price=usd(0), to_address=False)},
    warehouses=(Warehouse("MAIN"), Warehouse("WEST")),
)
WISH = Purchase(
    cart_id=ANNAS,
    checkout_id=CheckoutId("checkout"),
    total_seen=usd(2 * 1250 + 480),
    delivery=OPTIONS.delivery("pickup", None),
    payment_method="card",
    at=NOON,
)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def handler(store: MemoryStore) -> CommandHandler:
    handler = shop_handler(store)
    await put_on_sale(handler)
    return handler


async def cart(handler: CommandHandler) -> Cart:
    found: Cart = await handler.state_of(CART, f"cart-{ANNAS}")
    return found


async def contents(handler: CommandHandler) -> list[tuple[Sku, int]]:
    return [(line.sku, line.quantity) for line in (await cart(handler)).lines]


async def test_a_cart_is_opened_with_items_in_one_append(handler: CommandHandler) -> None:
    opened = await open_cart(handler, OPENING, [MUGS, TEAS], by_staff())
    assert opened.revision == 2
    assert await contents(handler) == [(MUG, 2), (TEA, 1)]


async def test_a_stream_that_a_command_opens_is_not_read_first(handler: CommandHandler, store: MemoryStore) -> None:
    store.reads.clear()
    await open_cart(handler, OPENING, [MUGS], by_staff())
    assert [stream for stream, _ in store.reads] == ["product-product-of-MUG"]


async def test_a_cart_that_was_opened_elsewhere_is_not_opened_again(
    handler: CommandHandler, store: MemoryStore
) -> None:
    await open_cart(shop_handler(store), OPENING, [MUGS], by_staff())
    before = len(store.log)
    await open_cart(handler, OPENING, [], by_staff())
    assert len(store.log) == before


async def test_items_are_added_at_the_prices_in_force(handler: CommandHandler) -> None:
    await open_cart(handler, OPENING, [], by_staff())
    await add_items(handler, ANNAS, [MUGS, TEAS, MUGS], NOON, by_staff())
    assert await contents(handler) == [(MUG, 4), (TEA, 1)]
    assert [line.seen.amount for line in (await cart(handler)).lines] == [usd(1250), usd(480)]


async def test_one_item_that_cannot_be_had_keeps_all_of_them_out(handler: CommandHandler, store: MemoryStore) -> None:
    await open_cart(handler, OPENING, [], by_staff())
    await handler(Unpublish(product_id=product_id(TEA), reason="recall"), by_staff())
    before = len(store.log)
    with pytest.raises(NotForSale):
        await add_items(handler, ANNAS, [MUGS, TEAS], NOON, by_staff())
    with pytest.raises(UnknownSku):
        await add_items(handler, ANNAS, [MUGS, Units(sku=Sku("NOPE"), quantity=1)], NOON, by_staff())
    assert len(store.log) == before


async def test_a_repeated_addition_is_answered_though_the_item_is_gone(
    handler: CommandHandler, store: MemoryStore
) -> None:
    await open_cart(handler, OPENING, [], by_staff())
    first = await add_items(handler, ANNAS, [MUGS], NOON, by_staff(ONE))
    await handler(Unpublish(product_id=product_id(MUG), reason="recall"), by_staff())
    before = len(store.log)
    again = await add_items(shop_handler(store), ANNAS, [MUGS], NOON, by_staff(ONE))
    assert again == Appended(first.position, first.revision, repeated=True)
    assert len(store.log) == before


async def test_the_cart_is_bought_at_the_prices_that_were_seen(handler: CommandHandler, store: MemoryStore) -> None:
    await open_cart(handler, OPENING, [MUGS, TEAS], by_staff())
    await check_out(handler, WISH, by_staff())
    assert store.log[-1].type == "cart.checked_out.v4"
    assert (await cart(handler)).checkout_id == "checkout"


async def test_a_changed_price_is_shown_and_bought_when_accepted(handler: CommandHandler) -> None:
    await open_cart(handler, OPENING, [MUGS, TEAS], by_staff())
    await reprice(handler, TEA, 500)
    with pytest.raises(PriceChanged) as refused:
        await check_out(handler, WISH, by_staff())
    assert (refused.value.sku, refused.value.seen.amount, refused.value.current.amount) == (TEA, usd(480), usd(500))
    await accept_price_changes(handler, ANNAS, [TEA], NOON, by_staff())
    with pytest.raises(TotalChanged):
        await check_out(handler, WISH, by_staff())
    assert (await cart(handler)).checkout_id is None


async def test_what_left_the_shop_is_not_bought(handler: CommandHandler) -> None:
    await open_cart(handler, OPENING, [MUGS, TEAS], by_staff())
    await handler(Unpublish(product_id=product_id(MUG), reason="recall"), by_staff())
    with pytest.raises(NoLongerSold, match="MUG"):
        await check_out(handler, WISH, by_staff())


async def test_what_was_added_while_its_offers_were_looked_up_is_not_called_gone(
    handler: CommandHandler, store: MemoryStore
) -> None:
    await open_cart(handler, OPENING, [MUGS], by_staff())
    elsewhere = shop_handler(store)
    added = False

    async def another_tab() -> None:
        nonlocal added
        if not added:
            added = True
            await add_items(elsewhere, ANNAS, [TEAS], NOON, by_staff())

    store.turn = another_tab
    await check_out(handler, WISH, by_staff())
    assert (await cart(handler)).checkout_id == "checkout"


async def test_a_repeated_checkout_is_answered_though_prices_have_changed(
    handler: CommandHandler, store: MemoryStore
) -> None:
    await open_cart(handler, OPENING, [MUGS, TEAS], by_staff())
    first = await check_out(handler, WISH, by_staff(ONE))
    await reprice(handler, TEA, 500)
    before = len(store.log)
    assert await check_out(handler, WISH, by_staff(ONE)) == Appended(first.position, first.revision, repeated=True)
    assert len(store.log) == before


def test_delivery_is_by_a_method_that_there_is_and_to_an_address_where_it_needs_one() -> None:
    assert OPTIONS.delivery("standard", HOME) == Delivery(
        method="standard", price=usd(499), warehouses=(Warehouse("MAIN"), Warehouse("WEST")), address=HOME
    )
    with pytest.raises(AddressMissing):
        OPTIONS.delivery("standard", None)
    with pytest.raises(UnknownDeliveryMethod, match="Choose one of standard, pickup, not drone"):
        OPTIONS.delivery("drone", HOME)


async def test_a_failed_payment_is_tried_again_for_the_same_amount(handler: CommandHandler) -> None:
    asking = RequestPayment(
        payment_id=PaymentId("checkout"),
        order_id=OrderId("checkout"),
        customer_id=CustomerId("anna"),
        amount=usd(2980),
        method="card",
    )
    with pytest.raises(PaymentNotFound):
        await pay_again(handler, CheckoutId("checkout"), "other", by_staff())
    await handler(asking, by_staff())
    await handler(RecordFailure(payment_id=PaymentId("checkout"), attempt=1, reason="declined"), by_staff())
    await pay_again(handler, CheckoutId("checkout"), "other", by_staff())
    payment: Payment = await handler.state_of(PAYMENT, "payment-checkout")
    assert (payment.phase, payment.attempt, payment.method, payment.asked) == (
        PaymentPhase.PENDING,
        2,
        "other",
        usd(2980),
    )


async def test_items_of_a_cart_that_is_not_there_are_refused(handler: CommandHandler, store: MemoryStore) -> None:
    before = len(store.log)
    with pytest.raises(NotFound):
        await add_items(handler, CartId("nobodys"), [MUGS], NOON, by_staff())
    assert len(store.log) == before
