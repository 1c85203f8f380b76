"""The catalogue asked on the write side, and commands that reach over two aggregates."""

from datetime import timedelta
from uuid import UUID

import pytest

from commands.idempotency import CommandIdReused
from commands.lookups.catalogue import NotForSale, UnknownSku, add_variant, categorise, offer_of, offers_left, offers_of
from commands.ports import StoreUnavailable
from domain.cart.commands import Offer
from domain.category.commands import CreateCategory
from domain.category.errors import CategoryNotFound
from domain.product.commands import AddVariant, Categorise, Discontinue, DraftProduct, PriceVariant, Unpublish
from domain.product.errors import OptionsTaken, ProductNotFound
from domain.shared.ids import CategoryId, Sku, Warehouse
from domain.shared.pricing import UnitPrice
from domain.sku.decider import SkuTaken
from domain.stock.commands import ReceiveStock
from tests.support.builders.for_sale import MUG, NOON, TEA, by_staff, product_id, put_on_sale, shop_handler, usd
from tests.support.fixtures.memory import MemoryStore

ONE = UUID(int=1)
COPY = AddVariant(product_id=product_id(TEA), sku=MUG, options=(("size", "L"),))
LARGE = AddVariant(product_id=product_id(MUG), sku=Sku("MUG-L"), options=(("size", "L"),))


def stored(store: MemoryStore) -> list[tuple[str, str]]:
    return [(record.stream, record.type) for record in store.log]


async def test_an_offer_is_what_the_product_says_now() -> None:
    handler = shop_handler(MemoryStore())
    await put_on_sale(handler)
    assert await offer_of(handler, MUG, NOON) == Offer(
        sku=MUG,
        product_id=product_id(MUG),
        category_id=None,
        title="A mug",
        unit_price=UnitPrice(amount=usd(1250)),
    )


async def test_the_price_in_force_at_the_time_is_offered() -> None:
    handler = shop_handler(MemoryStore())
    await put_on_sale(handler)
    tomorrow = NOON + timedelta(days=1)
    price = PriceVariant(product_id=product_id(MUG), sku=MUG, price=usd(990), valid_from=tomorrow)
    await handler(price, by_staff())
    offered = [(await offer_of(handler, MUG, at)).unit_price.amount for at in (NOON, tomorrow)]
    assert offered == [usd(1250), usd(990)]


async def test_offers_of_many_skus_are_looked_up_together() -> None:
    store = MemoryStore()
    await put_on_sale(shop_handler(store))
    elsewhere = shop_handler(store)
    store.reads.clear()
    found = await offers_of(elsewhere, {MUG: "items.0.sku", TEA: "items.1.sku"}, NOON)
    assert {sku: offer.unit_price.amount for sku, offer in found.items()} == {MUG: usd(1250), TEA: usd(480)}
    assert sorted(stream for stream, _ in store.reads) == [
        "product-product-of-MUG",
        "product-product-of-TEA",
        "sku-MUG",
        "sku-TEA",
    ]


async def test_a_claim_that_is_known_is_not_read_again() -> None:
    store = MemoryStore()
    handler = shop_handler(store)
    await put_on_sale(handler)
    store.reads.clear()
    await offer_of(handler, MUG, NOON)
    assert [stream for stream, _ in store.reads] == ["product-product-of-MUG"]


async def test_an_unknown_sku_is_named() -> None:
    with pytest.raises(UnknownSku) as refused:
        await offers_of(shop_handler(MemoryStore()), {Sku("NOPE"): "items.1.sku", Sku("NONE"): "items.3.sku"}, NOON)
    assert (refused.value.detail, refused.value.field) == ("There is no SKU NOPE.", "items.1.sku")


async def test_what_has_no_price_or_is_not_published_is_not_for_sale() -> None:
    handler = shop_handler(MemoryStore())
    await put_on_sale(handler)
    await add_variant(handler, LARGE, by_staff())
    with pytest.raises(NotForSale, match="MUG-L has no price yet"):
        await offer_of(handler, Sku("MUG-L"), NOON)
    with pytest.raises(NotForSale, match="MUG has no price yet"):
        await offer_of(handler, MUG, NOON - timedelta(days=1))
    await handler(Unpublish(product_id=product_id(MUG), reason="recall"), by_staff())
    with pytest.raises(NotForSale, match="MUG is not for sale"):
        await offer_of(handler, MUG, NOON)


async def test_offers_left_leave_out_what_is_not_offered() -> None:
    handler = shop_handler(MemoryStore())
    await put_on_sale(handler)
    await handler(Unpublish(product_id=product_id(MUG), reason="recall"), by_staff())
    left = await offers_left(handler, [MUG, TEA, Sku("NOPE")], NOON)
    assert [offer.sku for offer in left] == [TEA]


async def test_a_variant_claims_its_sku_first() -> None:
    store = MemoryStore()
    handler = shop_handler(store)
    await handler(DraftProduct(product_id=product_id(MUG), title="A mug"), by_staff())
    await add_variant(handler, LARGE, by_staff())
    assert stored(store)[1:] == [
        ("sku-MUG-L", "sku.claimed.v1"),
        ("product-product-of-MUG", "product.variant_added.v1"),
    ]


async def test_a_sku_of_another_product_is_refused_and_nothing_is_stored() -> None:
    store = MemoryStore()
    handler = shop_handler(store)
    await put_on_sale(handler)
    before = len(store.log)
    with pytest.raises(SkuTaken):
        await add_variant(handler, COPY, by_staff())
    assert len(store.log) == before


async def test_a_variant_that_the_product_refuses_claims_nothing() -> None:
    store = MemoryStore()
    handler = shop_handler(store)
    with pytest.raises(ProductNotFound):
        await add_variant(handler, LARGE, by_staff())
    assert stored(store) == []
    await put_on_sale(handler)
    before = len(store.log)
    with pytest.raises(OptionsTaken):
        await add_variant(handler, AddVariant(product_id=product_id(MUG), sku=Sku("MUG-2")), by_staff())
    assert len(store.log) == before


async def test_a_crash_after_the_claim_is_mended_by_the_repeat() -> None:
    store = MemoryStore()
    handler = shop_handler(store)
    await handler(DraftProduct(product_id=product_id(MUG), title="A mug"), by_staff())

    async def crash_after_the_claim() -> None:
        if len(store.log) == 2:
            raise StoreUnavailable("Crashed.")

    async def at_once() -> None:
        pass

    store.turn = crash_after_the_claim
    with pytest.raises(StoreUnavailable):
        await add_variant(handler, LARGE, by_staff(ONE))
    store.turn = at_once
    await add_variant(shop_handler(store), LARGE, by_staff(ONE))
    assert stored(store)[1:] == [
        ("sku-MUG-L", "sku.claimed.v1"),
        ("product-product-of-MUG", "product.variant_added.v1"),
    ]


async def test_a_repeated_variant_is_answered_and_changes_nothing() -> None:
    store = MemoryStore()
    handler = shop_handler(store)
    await put_on_sale(handler)
    first = await add_variant(handler, LARGE, by_staff(ONE))
    await handler(Discontinue(product_id=product_id(MUG), reason="old"), by_staff())
    before = len(store.log)
    assert (await add_variant(handler, LARGE, by_staff(ONE))).position == first.position
    assert len(store.log) == before


async def test_the_id_of_a_variant_is_not_taken_for_another_request() -> None:
    store = MemoryStore()
    handler = shop_handler(store)
    await put_on_sale(handler)
    await add_variant(handler, LARGE, by_staff(ONE))
    before = len(store.log)
    with pytest.raises(CommandIdReused):
        await handler(ReceiveStock(sku=MUG, warehouse=Warehouse("MAIN"), quantity=1), by_staff(ONE))
    assert len(store.log) == before


async def test_a_product_is_put_into_a_category_that_there_is() -> None:
    store = MemoryStore()
    handler = shop_handler(store)
    await put_on_sale(handler)
    crockery = Categorise(product_id=product_id(MUG), category_id=CategoryId("crockery"))
    before = len(store.log)
    with pytest.raises(CategoryNotFound) as refused:
        await categorise(handler, crockery, by_staff())
    assert (refused.value.field, len(store.log)) == ("category_id", before)
    await handler(CreateCategory(category_id=CategoryId("crockery"), name="Crockery"), by_staff())
    await categorise(handler, crockery, by_staff())
    assert (await offer_of(handler, MUG, NOON)).category_id == "crockery"
