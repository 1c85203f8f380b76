"""What can be taken away from a product again: a variant, a price that has not begun, a picture."""

from collections.abc import Sequence

from domain.product.commands import RemoveMedia, RemoveVariant, WithdrawPrice
from domain.product.errors import LastForSale, PriceHasBegun, VariantNotFound
from domain.product.events import MediaRemoved, PriceWithdrawn, ProductEvent, VariantRemoved
from domain.product.state import Product


def remove_variant(product: Product, command: RemoveVariant) -> Sequence[ProductEvent]:
    """One that is not there is no error. A product on sale keeps a variant with a price in force."""
    if command.sku not in product.variants:
        return []
    others = [variant for sku, variant in product.variants.items() if sku != command.sku]
    if product.is_sellable and all(variant.price_at(command.at) is None for variant in others):
        raise LastForSale(f"{command.sku} is all that the product sells. Unpublish or discontinue the product.", "sku")
    return [VariantRemoved(product_id=command.product_id, sku=command.sku)]


def withdraw_price(product: Product, command: WithdrawPrice) -> Sequence[ProductEvent]:
    """One that is not there is no error."""
    if (variant := product.variants.get(command.sku)) is None:
        raise VariantNotFound(f"The product has no variant {command.sku}.", "sku")
    if command.valid_from <= command.at:
        raise PriceHasBegun("Only a price that begins later can be withdrawn. Set another price instead.", "valid_from")
    if all(dated.valid_from != command.valid_from for dated in variant.prices):
        return []
    return [PriceWithdrawn(product_id=command.product_id, sku=command.sku, valid_from=command.valid_from)]


def remove_media(product: Product, command: RemoveMedia) -> Sequence[ProductEvent]:
    """One that is not there is no error."""
    if all(media.url != command.url for media in product.media):
        return []
    return [MediaRemoved(product_id=command.product_id, url=command.url)]
