"""Stories of commands out of tiny pools, so that they collide."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from domain.cart import commands as cart
from domain.category import commands as category
from domain.product import commands as product
from domain.shared.holding import Holder, HoldLimits
from domain.shared.ids import CartId, CategoryId, CheckoutId, CustomerId, OrderId, ProductId, Sku, Warehouse
from domain.shared.money import Money
from domain.shared.pricing import UnitPrice
from domain.stock import commands as stock

C = TypeVar("C")

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MUG, CUP, FUEL = Sku("MUG"), Sku("CUP"), Sku("FUEL")
MAIN = Warehouse("MAIN")

instants = st.integers(0, 4).map(lambda hours: NOON + timedelta(hours=hours))
reasons = st.sampled_from(["count", "damaged"])
few = st.integers(1, 5)
few_or_none = few | st.integers(-1, 0)


def views(
    first: Sequence[C], often: st.SearchStrategy[C], seldom: st.SearchStrategy[C], most: int = 40
) -> st.SearchStrategy[list[C]]:
    """Ten commands or more, behind the `first`; every other one leads on, or nothing would ever happen."""
    steps: st.SearchStrategy[C] = st.sampled_from([often, seldom]).flatmap(lambda kind: kind)
    return st.lists(steps, min_size=10, max_size=most).map(lambda asked: [*first, *asked])


def stock_stories() -> st.SearchStrategy[list[stock.StockCommand]]:
    """One SKU, two orders of two shoppers at two clients or one, few units."""
    where = {"sku": st.just(MUG), "warehouse": st.just(MAIN)}
    orders = st.sampled_from([OrderId("anna"), OrderId("ben"), OrderId("ben's second")])
    holders = st.builds(
        Holder, shopper=st.sampled_from([CustomerId("anna"), CustomerId("ben")]), client=st.none() | st.just("paris")
    )
    limits = st.just(HoldLimits(shopper=75, client=50, always=1))
    fair = {"expires_if_scarce": instants, "holder": holders, "limits": limits}
    often = st.one_of(
        st.builds(stock.ReserveStock, **where, order_id=orders, quantity=few, expires_at=instants),
        st.builds(stock.ReserveStock, **where, order_id=orders, quantity=few, expires_at=instants, **fair),
        st.builds(stock.CommitReservation, **where, order_id=orders),
        st.builds(stock.DispatchStock, **where, order_id=orders, quantity=st.none() | few),
    )
    seldom = st.one_of(
        st.builds(stock.SetBackorderLimit, **where, limit=st.integers(-1, 3)),
        st.builds(stock.ReceiveStock, **where, quantity=few_or_none),
        st.builds(stock.AdjustStock, **where, delta=st.integers(-4, 2), reason=reasons),
        st.builds(stock.ReserveStock, **where, order_id=orders, quantity=few_or_none, expires_at=instants),
        st.builds(stock.ExtendReservation, **where, order_id=orders, expires_at=instants),
        st.builds(stock.ReleaseReservation, **where, order_id=orders, reason=reasons),
        st.builds(stock.ExpireReservation, **where, order_id=orders, at=instants),
        st.builds(stock.DispatchStock, **where, order_id=orders, quantity=few_or_none),
        st.builds(stock.ReturnToStock, **where, order_id=orders, quantity=few_or_none, reason=reasons),
    )
    return views([stock.ReceiveStock(sku=MUG, warehouse=MAIN, quantity=2)], often, seldom)


def category_stories() -> st.SearchStrategy[list[category.CategoryCommand]]:
    """Four categories, three of them there from the beginning, with few names."""
    a, b, c, d = (CategoryId(letter) for letter in "abcd")
    ids = st.sampled_from([a, b, c, d])
    names = st.sampled_from(["Tea", "TEA ", "Coffee", ""])
    first = [category.CreateCategory(category_id=own, name=own, parent_id=above) for own, above in [(a, None), (b, a)]]
    often = st.builds(category.MoveCategory, category_id=ids, parent_id=ids)
    seldom = st.one_of(
        st.builds(category.CreateCategory, category_id=st.sampled_from([c, d]), name=names, parent_id=st.none() | ids),
        st.builds(category.RenameCategory, category_id=ids, name=names),
        st.builds(category.MoveCategory, category_id=ids, parent_id=st.none()),
        st.builds(category.DeleteCategory, category_id=ids),
    )
    return views(first, often, seldom)


def product_stories() -> st.SearchStrategy[list[product.ProductCommand]]:
    """One product, three SKUs, few options, prices of a few cents."""
    mug = ProductId("mug")
    which = {"product_id": st.just(mug)}
    skus = st.sampled_from([MUG, CUP, FUEL])
    titles = st.sampled_from(["Mug", "Cup", " "])
    options = st.lists(st.sampled_from([("size", "big"), ("size", "small")]), max_size=1).map(tuple)
    first = [product.DraftProduct(product_id=mug, title="Mug")]
    often = st.one_of(
        st.builds(product.AddVariant, **which, sku=skus, options=options),
        st.builds(
            product.PriceVariant, **which, sku=skus, price=st.builds(Money, few, st.just("EUR")), valid_from=instants
        ),
        st.builds(product.Publish, **which, at=instants),
    )
    seldom = st.one_of(
        st.builds(product.DraftProduct, **which, title=titles),
        st.builds(product.DescribeProduct, **which, title=titles),
        st.builds(product.AddVariant, **which, sku=skus, options=options, base_quantity=st.sampled_from([1000, 0])),
        st.builds(
            product.PriceVariant,
            **which,
            sku=skus,
            price=st.builds(Money, few_or_none, st.sampled_from(["EUR", "USD"])),
            valid_from=instants,
        ),
        st.builds(product.Categorise, **which, category_id=st.sampled_from([CategoryId("tea"), CategoryId("pots")])),
        st.builds(product.AttachMedia, **which, url=st.just("https://img.example/mug"), alt=titles),
        st.builds(product.RemoveMedia, **which, url=st.just("https://img.example/mug")),
        st.builds(product.RemoveVariant, **which, sku=skus, at=st.just(NOON)),
        st.builds(product.WithdrawPrice, **which, sku=skus, valid_from=instants, at=st.just(NOON + timedelta(hours=2))),
        st.builds(product.Unpublish, **which, reason=reasons),
        st.builds(product.Discontinue, **which, reason=st.sampled_from(["", "gone"])),
    )
    return views(first, often, seldom, most=60)


def offers(sku: Sku, *currencies: str) -> st.SearchStrategy[cart.Offer]:
    """The SKU at one of two prices; fuel is priced by the thousand."""
    base = 1000 if sku == FUEL else 1
    prices = st.builds(Money, st.sampled_from([5, 3]), st.sampled_from(currencies))
    return st.builds(
        cart.Offer,
        sku=st.just(sku),
        product_id=st.just(ProductId(sku.lower())),
        category_id=st.none(),
        title=st.just(sku.title()),
        unit_price=st.builds(UnitPrice, amount=prices, base_quantity=st.just(base)),
    )


def cart_stories(total_seen: st.SearchStrategy[Money]) -> st.SearchStrategy[list[cart.CartCommand]]:
    """One cart, two SKUs, two checkouts."""
    mine, anna, ben = CartId("cart"), CustomerId("anna"), CustomerId("ben")
    which = {"cart_id": st.just(mine)}
    skus = st.sampled_from([MUG, FUEL])
    quantities = st.sampled_from([1, 2, 500, 1_000, 1_000_000])
    checkouts = st.sampled_from([CheckoutId("one"), CheckoutId("two")])
    fair = offers(MUG, "EUR") | offers(FUEL, "EUR")
    foreign = offers(MUG, "EUR", "USD")
    delivery = st.builds(
        cart.Delivery,
        method=st.just("post"),
        price=st.builds(Money, st.integers(0, 2), st.just("EUR")),
        warehouses=st.just((MAIN,)),
    )
    agreed = st.builds(Money, few, st.just("EUR"))
    odd = st.builds(Money, few_or_none, st.sampled_from(["EUR", "USD"]))
    first = [cart.OpenCart(cart_id=mine, owner=anna, currency="EUR", at=NOON)]
    often = st.one_of(
        st.builds(cart.AddItem, **which, offer=fair, quantity=quantities, at=instants),
        st.builds(cart.AgreePrice, **which, sku=skus, total=agreed, reason=reasons, at=instants),
        st.builds(cart.ReopenCart, **which, checkout_id=checkouts, reason=reasons),
        st.builds(
            cart.CheckOutCart,
            **which,
            checkout_id=checkouts,
            offers=st.tuples(offers(MUG, "EUR"), offers(FUEL, "EUR")),
            total_seen=total_seen,
            delivery=delivery,
            payment_method=st.just("card"),
            at=instants,
        ),
    )
    seldom = st.one_of(
        st.builds(cart.AcceptPriceChange, **which, offer=fair, at=instants),
        st.builds(cart.AddItem, **which, offer=foreign, quantity=quantities | st.integers(-1, 0), at=instants),
        st.builds(cart.ChangeQuantity, **which, sku=skus, quantity=quantities | st.integers(-1, 0), at=instants),
        st.builds(cart.RemoveItem, **which, sku=skus, at=instants),
        st.builds(cart.AgreePrice, **which, sku=skus, total=odd, reason=reasons, at=instants),
        st.builds(cart.AcceptPriceChange, **which, offer=foreign, at=instants),
        st.builds(cart.OpenCart, **which, owner=st.sampled_from([anna, ben]), currency=st.just("EUR"), at=instants),
        st.builds(cart.CancelCheckout, **which, checkout_id=checkouts),
        st.builds(cart.AbandonCart, **which, idle_since=st.sampled_from([NOON - timedelta(hours=1), NOON])),
    )
    return views(first, often, seldom, most=60)
