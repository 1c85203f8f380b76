"""Commands out of tiny pools, so that they collide."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from domain.cart import commands as cart
from domain.category import commands as category
from domain.product import commands as product
from domain.shared.ids import CartId, CategoryId, CheckoutId, CustomerId, OrderId, ProductId, Sku, Warehouse
from domain.shared.money import Money
from domain.shared.pricing import UnitPrice
from domain.stock import commands as stock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MUG, CUP, FUEL = Sku("MUG"), Sku("CUP"), Sku("FUEL")
MAIN = Warehouse("MAIN")

instants = st.integers(0, 4).map(lambda hours: NOON + timedelta(hours=hours))
reasons = st.sampled_from(["count", "damaged"])
few = st.integers(1, 5)
any_few = st.integers(-1, 5)
"""Mostly quantities, and some that are none."""


def stock_commands() -> st.SearchStrategy[stock.StockCommand]:
    """One SKU, three orders, few units."""
    where = {"sku": st.just(MUG), "warehouse": st.just(MAIN)}
    orders = st.sampled_from([OrderId("anna"), OrderId("ben"), OrderId("carla")])
    return st.one_of(
        st.builds(stock.ReceiveStock, **where, quantity=any_few),
        st.builds(stock.AdjustStock, **where, delta=st.integers(-4, 3), reason=reasons),
        st.builds(stock.SetBackorderLimit, **where, limit=st.integers(-1, 3)),
        st.builds(stock.ReserveStock, **where, order_id=orders, quantity=any_few, expires_at=instants),
        st.builds(stock.ExtendReservation, **where, order_id=orders, expires_at=instants),
        st.builds(stock.CommitReservation, **where, order_id=orders),
        st.builds(stock.ReleaseReservation, **where, order_id=orders, reason=reasons),
        st.builds(stock.ExpireReservation, **where, order_id=orders, at=instants),
        st.builds(stock.DispatchStock, **where, order_id=orders, quantity=st.none() | any_few),
        st.builds(stock.ReturnToStock, **where, order_id=orders, quantity=any_few, reason=reasons),
    )


def category_commands() -> st.SearchStrategy[category.CategoryCommand]:
    """Four categories with two names."""
    ids = st.sampled_from([CategoryId(letter) for letter in "abcd"])
    parents = st.none() | ids
    names = st.sampled_from(["Tea", "Coffee", "TEA ", ""])
    return st.one_of(
        st.builds(category.CreateCategory, category_id=ids, name=names, parent_id=parents),
        st.builds(category.RenameCategory, category_id=ids, name=names),
        st.builds(category.MoveCategory, category_id=ids, parent_id=parents),
        st.builds(category.MoveCategory, category_id=ids, parent_id=ids),
    )


def product_commands() -> st.SearchStrategy[product.ProductCommand]:
    """One product, three SKUs, two options, prices of a few cents."""
    which = {"product_id": st.just(ProductId("mug"))}
    skus = st.sampled_from([MUG, CUP, FUEL])
    titles = st.sampled_from(["Mug", "Cup", " "])
    colours = st.sampled_from([("colour", "red"), ("size", "big"), ("size", "small")])
    prices = st.builds(Money, st.integers(-1, 3), st.sampled_from(["EUR", "EUR", "EUR", "USD"]))
    return st.one_of(
        st.builds(product.DraftProduct, **which, title=titles),
        st.builds(product.DescribeProduct, **which, title=titles, brand=st.just("Potter")),
        st.builds(
            product.AddVariant,
            **which,
            sku=skus,
            options=st.lists(colours, max_size=2).map(tuple),
            base_quantity=st.sampled_from([1, 1000, 0]),
        ),
        st.builds(product.PriceVariant, **which, sku=skus, price=prices, valid_from=instants),
        st.builds(product.PriceVariant, **which, sku=skus, price=prices, valid_from=instants),
        st.builds(product.Categorise, **which, category_id=st.sampled_from([CategoryId("tea"), CategoryId("pots")])),
        st.builds(product.AttachMedia, **which, url=st.just("https://img.example/mug"), alt=titles),
        st.builds(product.Publish, **which, at=instants),
        st.builds(product.Unpublish, **which, reason=reasons),
        st.builds(product.Discontinue, **which, reason=st.sampled_from(["", "", "", "gone"])),
    )


def offers(sku: Sku) -> st.SearchStrategy[cart.Offer]:
    """The SKU at one of two prices; fuel is priced by the thousand."""
    currencies = st.sampled_from(["EUR"] * 9 + ["USD"])
    return st.builds(
        cart.Offer,
        sku=st.just(sku),
        product_id=st.just(ProductId(sku.lower())),
        category_id=st.none(),
        title=st.just(sku.title()),
        unit_price=st.builds(
            UnitPrice,
            amount=st.builds(Money, st.sampled_from([5, 5, 5, 3]), currencies),
            base_quantity=st.just(1000 if sku == FUEL else 1),
        ),
    )


def cart_commands(total_seen: st.SearchStrategy[Money]) -> st.SearchStrategy[cart.CartCommand]:
    """One cart, two SKUs, two checkouts."""
    which = {"cart_id": st.just(CartId("cart"))}
    skus = st.sampled_from([MUG, FUEL])
    quantities = st.sampled_from([1, 2, 500, 1_000, 1_000_000, 0, -1])
    owners = st.sampled_from([CustomerId("anna"), CustomerId("anna"), CustomerId("ben")])
    checkouts = st.sampled_from([CheckoutId("one"), CheckoutId("two"), CheckoutId("three")])
    delivery = st.builds(
        cart.Delivery,
        method=st.just("post"),
        price=st.builds(Money, st.integers(0, 2), st.just("EUR")),
        warehouses=st.just((MAIN,)),
    )
    agreed = st.builds(Money, st.integers(-1, 9), st.just("EUR"))
    one_offer = offers(MUG) | offers(FUEL)
    check_out = st.builds(
        cart.CheckOutCart,
        **which,
        checkout_id=checkouts,
        offers=st.tuples(offers(MUG), offers(FUEL)),
        total_seen=total_seen,
        delivery=delivery,
        payment_method=st.just("card"),
        at=instants,
    )
    return st.one_of(
        st.builds(cart.OpenCart, **which, owner=owners, currency=st.just("EUR"), at=instants),
        st.builds(cart.AddItem, **which, offer=one_offer, quantity=quantities, at=instants),
        st.builds(cart.AddItem, **which, offer=one_offer, quantity=quantities, at=instants),
        st.builds(cart.ChangeQuantity, **which, sku=skus, quantity=quantities, at=instants),
        st.builds(cart.RemoveItem, **which, sku=skus, at=instants),
        st.builds(cart.AgreePrice, **which, sku=skus, total=agreed, reason=reasons, at=instants),
        st.builds(cart.AcceptPriceChange, **which, offer=one_offer, at=instants),
        check_out,
        st.builds(cart.ReopenCart, **which, checkout_id=checkouts, reason=reasons),
        st.builds(cart.AbandonCart, **which, idle_since=st.sampled_from([NOON - timedelta(hours=1), NOON])),
    )
