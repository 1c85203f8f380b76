"""A product is shown when it can be bought, and its variants can be distinguished."""

from collections.abc import Sequence
from typing import assert_never
from urllib.parse import urlsplit

from domain.product import removing
from domain.product.commands import (
    AddVariant,
    AttachMedia,
    Categorise,
    DescribeProduct,
    Discontinue,
    DraftProduct,
    PriceVariant,
    ProductCommand,
    Publish,
    RemoveMedia,
    RemoveVariant,
    Unpublish,
    WithdrawPrice,
)
from domain.product.errors import (
    NotALink,
    NothingToSell,
    OptionsTaken,
    OptionTwice,
    OtherCurrency,
    ProductExists,
    ProductIsDiscontinued,
    ProductNotFound,
    TimeWithoutZone,
    TooMany,
    VariantExists,
    VariantNotFound,
)
from domain.product.events import (
    MediaAttached,
    ProductCategorised,
    ProductDescribed,
    ProductDiscontinued,
    ProductDrafted,
    ProductEvent,
    ProductPublished,
    ProductUnpublished,
    VariantAdded,
    VariantPriced,
)
from domain.product.state import DatedPrice, Media, Phase, Product, evolve
from domain.shared import require
from domain.shared.decider import Decider

__all__ = ["Product", "product_decider"]

LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_BRAND = 200, 10_000, 100
LONGEST_OPTION, LONGEST_URL, LONGEST_ALT, LONGEST_REASON = 100, 2_000, 500, 200
MOST_VARIANTS, MOST_OPTIONS, MOST_MEDIA = 100, 10, 50
MOST_BASE_QUANTITY = 1_000
HIGHEST_PRICE = 10**9


def decide(product: Product, command: ProductCommand) -> Sequence[ProductEvent]:
    """What follows from a command; raises the errors of this folder."""
    if product.phase is Phase.DISCONTINUED and not isinstance(command, Discontinue):
        raise ProductIsDiscontinued(f"Product {command.product_id} is discontinued for good. Draft a new one.")
    if product.phase is Phase.ABSENT and not isinstance(command, DraftProduct):
        raise ProductNotFound(f"There is no product {command.product_id}. Draft it first.")
    match command:
        case DraftProduct():
            return _draft(product, command)
        case DescribeProduct():
            return _describe(product, command)
        case AddVariant():
            return _add_variant(product, command)
        case PriceVariant():
            return _price(product, command)
        case Categorise(product_id=product_id, category_id=category_id):
            require.code(category_id, "category_id")
            if category_id == product.category_id:
                return []
            return [ProductCategorised(product_id=product_id, category_id=category_id)]
        case AttachMedia():
            return _attach(product, command)
        case RemoveVariant():
            return removing.remove_variant(product, command)
        case WithdrawPrice():
            return removing.withdraw_price(product, command)
        case RemoveMedia():
            return removing.remove_media(product, command)
        case Publish():
            return _publish(product, command)
        case Unpublish(product_id=product_id, reason=reason):
            require.reason(reason, LONGEST_REASON)
            return [ProductUnpublished(product_id=product_id, reason=reason)] if product.is_sellable else []
        case Discontinue(product_id=product_id, reason=reason):
            require.reason(reason, LONGEST_REASON)
            gone = product.phase is Phase.DISCONTINUED
            return [] if gone else [ProductDiscontinued(product_id=product_id, reason=reason)]
        case _:
            assert_never(command)


def _draft(product: Product, command: DraftProduct) -> Sequence[ProductEvent]:
    _described_well(command)
    require.code(command.product_id, "product_id")
    if product.phase is Phase.ABSENT:
        return [
            ProductDrafted(
                product_id=command.product_id,
                title=command.title,
                description=command.description,
                brand=command.brand,
            )
        ]
    if not _says_already(product, command):
        raise ProductExists(f"Product {command.product_id} exists. Describe it, or choose another id.", "product_id")
    return []


def _describe(product: Product, command: DescribeProduct) -> Sequence[ProductEvent]:
    described = ProductDescribed(
        product_id=command.product_id,
        title=product.title if command.title is None else command.title,
        description=product.description if command.description is None else command.description,
        brand=product.brand if command.brand is None else command.brand,
    )
    _described_well(described)
    return [] if _says_already(product, described) else [described]


def _described_well(it: DraftProduct | ProductDescribed) -> None:
    require.text(it.title, "title", LONGEST_TITLE)
    require.text(it.description, "description", LONGEST_DESCRIPTION, shortest=0)
    require.text(it.brand, "brand", LONGEST_BRAND, shortest=0)


def _says_already(product: Product, it: DraftProduct | ProductDescribed) -> bool:
    return (product.title, product.description, product.brand) == (it.title, it.description, it.brand)


def _add_variant(product: Product, command: AddVariant) -> Sequence[ProductEvent]:
    _well_formed(command)
    options = frozenset(command.options)
    if (known := product.variants.get(command.sku)) is not None:
        if frozenset(known.options) == options and known.base_quantity == command.base_quantity:
            return []
        raise VariantExists(f"The product has a variant {command.sku}. Choose another SKU.", "sku")
    for sku, other in product.variants.items():
        if frozenset(other.options) == options:
            raise OptionsTaken(f"Variant {sku} has the same options. Tell them apart.", "options")
    if len(product.variants) == MOST_VARIANTS:
        raise TooMany(f"A product has at most {MOST_VARIANTS} variants. Draft another product.")
    return [
        VariantAdded(
            product_id=command.product_id,
            sku=command.sku,
            options=command.options,
            base_quantity=command.base_quantity,
        )
    ]


def _well_formed(command: AddVariant) -> None:
    require.code(command.sku, "sku")
    require.whole(command.base_quantity, "base_quantity", 1, MOST_BASE_QUANTITY)
    require.whole(len(command.options), "options", 0, MOST_OPTIONS)
    for name, value in command.options:
        require.text(name, "options", LONGEST_OPTION)
        require.text(value, "options", LONGEST_OPTION)
    if len({name for name, _ in command.options}) < len(command.options):
        raise OptionTwice("Name each option once.", "options")


def _price(product: Product, command: PriceVariant) -> Sequence[ProductEvent]:
    require.amount(command.price, "price", HIGHEST_PRICE)
    if command.valid_from.tzinfo is None:
        raise TimeWithoutZone("Say in which zone the price begins, for example with a Z at the end.", "valid_from")
    if (variant := product.variants.get(command.sku)) is None:
        raise VariantNotFound(f"The product has no variant {command.sku}. Add it first.", "sku")
    if product.currency not in (None, command.price.currency):
        raise OtherCurrency(f"The product is priced in {product.currency}. Use that.", "price")
    if DatedPrice(command.valid_from, command.price) in variant.prices:
        return []
    return [
        VariantPriced(
            product_id=command.product_id, sku=command.sku, price=command.price, valid_from=command.valid_from
        )
    ]


def _attach(product: Product, command: AttachMedia) -> Sequence[ProductEvent]:
    require.text(command.url, "url", LONGEST_URL)
    require.text(command.alt, "alt", LONGEST_ALT)
    if not _is_link(command.url):
        raise NotALink("Give an address that begins with https:// or http:// and a host.", "url")
    if Media(command.url, command.alt) in product.media:
        return []
    if len(product.media) == MOST_MEDIA and all(media.url != command.url for media in product.media):
        raise TooMany(f"A product has at most {MOST_MEDIA} media.")
    return [MediaAttached(product_id=command.product_id, url=command.url, alt=command.alt)]


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url


def _publish(product: Product, command: Publish) -> Sequence[ProductEvent]:
    if product.is_sellable:
        return []
    if all(variant.price_at(command.at) is None for variant in product.variants.values()):
        raise NothingToSell("Give a variant a price that has begun, then publish.")
    return [ProductPublished(product_id=command.product_id)]


product_decider = Decider(initial=Product(), decide=decide, evolve=evolve)
