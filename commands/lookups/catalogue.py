"""Commands of the catalogue that need facts of other aggregates first, and what the catalogue offers now."""

from asyncio import gather
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from commands.handler import CommandHandler
from commands.ports import Appended
from commands.routes import CATEGORY, CATEGORY_TREE, PRODUCT, SKU
from domain.cart.commands import Offer
from domain.category.decider import CategoryTree
from domain.category.errors import CategoryNotFound
from domain.product.commands import AddVariant, Categorise, PriceVariant
from domain.product.state import Product
from domain.shared import require
from domain.shared.derived import derived_id
from domain.shared.errors import Conflict, Invalid, NotFound
from domain.shared.ids import ProductId, Sku
from domain.shared.money import Money
from domain.shared.recorded import Metadata
from domain.sku.commands import ClaimSku
from domain.sku.decider import SkuOwner


class UnknownSku(NotFound):
    """No product has that SKU."""


class ForeignCurrency(Invalid):
    """The price is not in the shop's currency."""


class NotForSale(Conflict):
    """The SKU cannot be bought just now."""


async def add_variant(handler: CommandHandler, command: AddVariant, metadata: Metadata) -> Appended:
    """Add a variant whose SKU no other product has.

    The claim comes first, so a crash between the two leaves a claim that the repeat finds to be its own. Before the
    claim, the product decides whether it would take the variant: a SKU stays claimed.
    """
    stream = PRODUCT.stream_of(command)

    async def claimed() -> Sequence[object]:
        PRODUCT.decider.decide(await handler.state_of(PRODUCT, stream), command)
        claim = ClaimSku(sku=command.sku, product_id=command.product_id)
        await handler.at(None)(claim, metadata._replace(command_id=derived_id(metadata.command_id, "claim")))
        return [command]

    return await handler.prepared(PRODUCT, stream, claimed, metadata)


async def price_variant(handler: CommandHandler, command: PriceVariant, currency: str, metadata: Metadata) -> Appended:
    """Price a variant in the shop's currency. Raises ForeignCurrency."""
    price_in(currency, command.price)
    return await handler(command, metadata)


def price_in(currency: str, price: Money) -> None:
    """A shop has one currency, so that a cart can hold everything that it sells. Raises ForeignCurrency."""
    require.currency(price.currency, "price.currency")
    if price.currency != currency:
        raise ForeignCurrency(f"This shop sells in {currency}. Give the price in {currency}.", "price.currency")


async def categorise(handler: CommandHandler, command: Categorise, metadata: Metadata) -> Appended:
    """Put a product into a category that there is."""

    async def checked() -> Sequence[object]:
        tree: CategoryTree = await handler.state_of(CATEGORY, CATEGORY_TREE)
        if command.category_id not in tree.nodes:
            raise CategoryNotFound(f"There is no category {command.category_id}. Create it first.", "category_id")
        return [command]

    return await handler.prepared(PRODUCT, PRODUCT.stream_of(command), checked, metadata)


async def product_of(handler: CommandHandler, sku: Sku, field: str = "sku") -> ProductId:
    """The product that has the SKU, which the request names in that field.

    A claim never ends, so one that is known need not be read again. Raises UnknownSku.
    """
    owner: SkuOwner = await handler.known(SKU, f"sku-{sku}")
    if owner.product_id is None:
        raise UnknownSku(f"There is no SKU {sku}.", field)
    return owner.product_id


async def offer_of(handler: CommandHandler, sku: Sku, at: datetime, field: str = "sku") -> Offer:
    """What the SKU is offered at, which the request names in that field. Raises UnknownSku, NotForSale."""
    product_id = await product_of(handler, sku, field)
    product: Product = await handler.state_of(PRODUCT, f"product-{product_id}")
    if not product.is_sellable:
        raise NotForSale(f"{sku} is not for sale.", field)
    if (price := product.price_of(sku, at)) is None:
        raise NotForSale(f"{sku} has no price yet.", field)
    return Offer(sku=sku, product_id=product_id, category_id=product.category_id, title=product.title, unit_price=price)


async def offers_of(handler: CommandHandler, skus: Mapping[Sku, str], at: datetime) -> Mapping[Sku, Offer]:
    """What the SKUs are offered at, each with the field that names it; looked up together.

    Raises UnknownSku, NotForSale for the first that is not on offer.
    """
    found = await gather(*(offer_of(handler, sku, at, field) for sku, field in skus.items()), return_exceptions=True)
    offers = dict[Sku, Offer]()
    for offer in found:
        if isinstance(offer, BaseException):
            raise offer
        offers[offer.sku] = offer
    return offers


async def offers_left(handler: CommandHandler, skus: Iterable[Sku], at: datetime) -> tuple[Offer, ...]:
    """What is still on offer of the SKUs."""

    async def offer_if_any(sku: Sku) -> Offer | None:
        try:
            return await offer_of(handler, sku, at)
        except (UnknownSku, NotForSale):
            return None

    return tuple(offer for offer in await gather(*map(offer_if_any, skus)) if offer is not None)
