"""What pages of a shop ask: delivery, the caller's cart, what is popular, one order by its link."""

from datetime import timedelta

from domain.cart.events import CartOpened
from domain.order.number import number_of
from domain.product.events import ProductUnpublished
from domain.shared.ids import CartId, CustomerId, OrderId, ProductId
from infra.security.order_links import SignedOrderLinks
from tests.read_api.test_orders import ANNA, BEN, STAFF
from tests.support.builders.catalogue import category, on_sale, price
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.purchases import Purchase, a_cart, bought
from tests.support.harness.read_side import LATER, SECRET, ReadSide, token

BOB = token("bob", "back_office")

METHODS = """query ($cart: ID!) { deliveryMethods(cart: $cart) {
    method price { amount } total { formatted } toAddress
} }"""


async def test_the_ways_of_delivery_have_the_total_that_the_checkout_takes(shop: ReadSide) -> None:
    a_cart(shop.log)
    await shop.catch_up()
    assert (await shop.ask(METHODS, cart="C1", token=ANNA))["deliveryMethods"] == [
        {"method": "standard", "price": {"amount": 499}, "total": {"formatted": "8.97 USD"}, "toAddress": True},
        {"method": "express", "price": {"amount": 999}, "total": {"formatted": "13.97 USD"}, "toAddress": True},
        {"method": "pickup", "price": {"amount": 0}, "total": {"formatted": "3.98 USD"}, "toAddress": False},
    ]
    assert (await shop.ask(METHODS, cart="C1", token=BEN))["deliveryMethods"] is None
    assert await shop.refused(METHODS, cart="C1") == (200, ["UNAUTHENTICATED"])


async def test_the_caller_finds_their_open_cart_again(shop: ReadSide) -> None:
    mine = "{ me { cart { cartId revision } } }"
    older = CartOpened(cart_id=CartId("C0"), owner=CustomerId("anna"), currency="USD", at=NOON)
    shop.log.tell(older, stream="cart-C0")
    a_cart(shop.log)
    await shop.catch_up()
    assert await shop.ask(mine, token=ANNA) == {"me": {"cart": {"cartId": "C1", "revision": 3}}}
    assert await shop.ask(mine, token=BEN) == {"me": {"cart": None}}
    Purchase(shop.log).check_out()
    await shop.catch_up()
    assert await shop.ask(mine, token=ANNA) == {"me": {"cart": {"cartId": "C0", "revision": 0}}}


async def test_the_caller_learns_what_they_may_do(shop: ReadSide) -> None:
    permissions = "{ me { permissions } }"
    assert await shop.ask(permissions, token=ANNA) == {"me": {"permissions": ["shop"]}}
    assert await shop.ask(permissions, token=STAFF) == {"me": {"permissions": ["stock", "fulfilment"]}}


POPULAR = "query ($category: ID, $first: Int) { popular(category: $category, first: $first) { productId } }"


async def test_what_sold_most_and_is_on_sale_is_popular(shop: ReadSide) -> None:
    category(shop.log, "Food")
    on_sale(shop.log, "MILK", 99, title="Whole milk")
    on_sale(shop.log, "BREAD", 250, title="Bread")
    bought(shop.log)
    await shop.catch_up()
    milk, bread = {"productId": "MILK"}, {"productId": "BREAD"}
    assert await shop.ask(POPULAR, first=5) == {"popular": [milk, bread]}
    assert await shop.ask(POPULAR, first=1) == {"popular": [milk]}
    assert await shop.ask(POPULAR, first=5, category="FOOD") == {"popular": []}
    assert await shop.refused(POPULAR, first=101) == (200, ["BAD_USER_INPUT"])
    shop.log.tell(ProductUnpublished(product_id=ProductId("MILK"), reason="recalled"), stream="product-MILK")
    await shop.catch_up()
    assert await shop.ask(POPULAR, first=5) == {"popular": [bread]}
    assert await shop.ask(POPULAR, first=5, token=BOB) == {"popular": [bread]}


async def test_sales_of_long_ago_make_nothing_popular(shop: ReadSide) -> None:
    on_sale(shop.log, "MILK", 99, title="Whole milk")
    Purchase(shop.log).buy(at=-31 * 24 * 60)
    await shop.catch_up()
    assert await shop.ask(POPULAR, first=5) == {"popular": []}


PRODUCT = """query ($id: ID!) { product(id: $id) { changedAt revision status variants {
    prices { validFrom price { amount } }
} } products(first: 1) { edges { node { changedAt revision status } } } }"""


async def test_a_product_tells_its_prices_so_far_and_when_it_changed(shop: ReadSide) -> None:
    on_sale(shop.log, "MILK", 99, title="Whole milk")
    price(shop.log, "MILK", "MILK-1", 109, NOON)
    price(shop.log, "MILK", "MILK-1", 89, LATER.replace(year=2027))
    await shop.catch_up()
    so_far = [
        {"validFrom": "2026-11-16T12:00:00+00:00", "price": {"amount": 99}},
        {"validFrom": "2026-11-25T12:00:00+00:00", "price": {"amount": 109}},
    ]
    planned = {"validFrom": "2027-11-25T13:00:00+00:00", "price": {"amount": 89}}
    told = {"changedAt": shop.log.recorded[-1].recorded_at.isoformat(), "revision": 5, "status": "PUBLISHED"}
    for caller, prices in ((None, so_far), (ANNA, so_far), (BOB, [*so_far, planned])):
        answer = await shop.ask(PRODUCT, id="MILK", token=caller)
        assert answer["product"] == {**told, "variants": [{"prices": prices}]}
        assert answer["products"]["edges"] == [{"node": told}]


LINKED = """query ($link: String!) { orderByLink(token: $link) {
    orderId number status total { amount } lines { sku quantity } attention link { token }
    delivery { method address { city } } timeline { kind by why }
} }"""
OWN = '{ order(id: "O1") { number revision link { token expiresAt } } }'


async def test_whoever_has_the_link_sees_that_order_and_no_address(shop: ReadSide) -> None:
    bought(shop.log)
    Purchase(shop.log, "O2", customer="ben", cart="C2").buy()
    await shop.catch_up()
    own = (await shop.ask(OWN, token=ANNA))["order"]
    assert (own["number"], own["revision"]) == (number_of(OrderId("O1")), 2)
    assert own["link"]["expiresAt"] == "2027-01-24T00:00:00+00:00"
    link = own["link"]["token"]
    for caller, staff in ((None, False), (BEN, False), (STAFF, True)):
        seen = (await shop.ask(LINKED, token=caller, link=link))["orderByLink"]
        timeline = seen.pop("timeline")
        assert seen == {
            "orderId": "O1",
            "number": own["number"],
            "status": "DELIVERED",
            "total": {"amount": 930},
            "lines": [{"sku": "MILK-1", "quantity": 2}, {"sku": "BREAD-1", "quantity": 1}],
            "attention": [] if staff else None,
            "link": None,
            "delivery": {"method": "parcel", "address": None},
        }
        assert ("walter" in str(timeline)) is staff


async def test_other_links_show_nothing(shop: ReadSide) -> None:
    bought(shop.log)
    await shop.catch_up()
    old, _ = SignedOrderLinks(SECRET).issue(OrderId("O1"), LATER - timedelta(days=61))
    missing, _ = SignedOrderLinks(SECRET).issue(OrderId("O9"), LATER)
    foreign, _ = SignedOrderLinks(SECRET + b"!").issue(OrderId("O1"), LATER)
    for link in (old, foreign, "x", token("anna", "shopper")):
        assert await shop.refused(LINKED, link=link) == (200, ["NOT_FOUND"])
    assert await shop.ask(LINKED, link=missing) == {"orderByLink": None}
