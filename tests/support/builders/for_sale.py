"""A catalogue on the write side: products that can be bought."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid4

from commands.handler import CommandHandler
from commands.lookups.catalogue import add_variant
from commands.ports import EventStore
from commands.routes import ROUTES
from domain.product.commands import AddVariant, DraftProduct, PriceVariant, Publish
from domain.shared.ids import ProductId, Sku
from domain.shared.money import Money
from domain.shared.recorded import Metadata
from infra.serialization.codec import JsonCodec
from tests.support.fixtures.memory import MemorySnapshots

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MUG, TEA = Sku("MUG"), Sku("TEA")
PRICES = {MUG: 1250, TEA: 480}


def usd(cents: int) -> Money:
    return Money(cents, "USD")


def by_staff(command_id: UUID | None = None) -> Metadata:
    made = command_id or uuid4()
    return Metadata(command_id=made, correlation_id=made, causation_id=made, actor="staff:olga")


def shop_handler(store: EventStore) -> CommandHandler:
    return CommandHandler(store, JsonCodec(), MemorySnapshots(), ROUTES)


def product_id(sku: Sku) -> ProductId:
    return ProductId(f"product-of-{sku}")


async def put_on_sale(handler: CommandHandler, prices: Mapping[Sku, int] = PRICES) -> None:
    """Draft, price and publish one product for each SKU."""
    for sku, cents in prices.items():
        product = product_id(sku)
        await handler(DraftProduct(product_id=product, title=f"A {sku.lower()}"), by_staff())
        await add_variant(handler, AddVariant(product_id=product, sku=sku), by_staff())
        await reprice(handler, sku, cents)
        await handler(Publish(product_id=product, at=NOON), by_staff())


async def reprice(handler: CommandHandler, sku: Sku, cents: int) -> None:
    price = PriceVariant(product_id=product_id(sku), sku=sku, price=usd(cents), valid_from=NOON)
    await handler(price, by_staff())
