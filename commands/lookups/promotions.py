"""The promotions that a checkout is decided with, and what they look at in the products."""

from asyncio import gather
from collections.abc import Iterable, Sequence
from datetime import datetime

from commands.handler import CommandHandler
from commands.routes import CATEGORY, CATEGORY_TREE, PRODUCT, PROMOTION
from domain.cart.commands import Offer
from domain.category.decider import CategoryTree
from domain.pricing.promotions import ScheduledPromotion, Traits
from domain.product.state import Product
from domain.promotion.state import PROMOTION_BOOK, PromotionBook
from domain.shared.ids import ProductId


async def promotions_at(handler: CommandHandler, *moments: datetime) -> Sequence[ScheduledPromotion]:
    """Those in force at one of the moments, as the book stands now."""
    book: PromotionBook = await handler.state_of(PROMOTION, PROMOTION_BOOK)
    return book.in_force(*moments)


async def traits_of(
    handler: CommandHandler, offers: Iterable[Offer], promotions: Sequence[ScheduledPromotion]
) -> tuple[Traits, ...]:
    """The categories and brands of the offered products. Only what a promotion in force depends on is read."""
    targets = [target for rule in promotions for target in rule.promotion.targets]
    if all(target.is_everything for target in targets):
        return ()
    tree: CategoryTree | None = None
    if any(target.categories for target in targets):
        tree = await handler.state_of(CATEGORY, CATEGORY_TREE)

    async def traits(product_id: ProductId) -> Traits:
        product: Product = await handler.known(PRODUCT, f"product-{product_id}")
        known = tree is not None and product.category_id in tree.nodes
        path = tuple(tree.path(product.category_id)) if tree is not None and known else ()
        return Traits(product_id=product_id, brand=product.brand, categories=path)

    return tuple(await gather(*(traits(it) for it in dict.fromkeys(offer.product_id for offer in offers))))
