"""Promotions, for staff who set prices."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any

import strawberry

from domain.pricing import promotions as rules
from domain.pricing.promotions import BenefitKind, PromotionPhase, ScheduledPromotion
from domain.promotion.state import PROMOTION_BOOK, BookEntry
from domain.shared.ids import CartId, CategoryId, ProductId, PromotionId
from domain.shared.pricing import RuleSource
from projections.engine.paging import Page, Window
from read_api.carts import Cart
from read_api.categories import Category
from read_api.graphql.access import ALL_CARTS
from read_api.graphql.context import Info
from read_api.graphql.relay import After, Connection, Cursors, First, Number, connection, key_of, window
from read_api.graphql.text import checked_id
from read_api.graphql.values import Money, described, shown
from read_api.products import Product
from read_api.promotion_trials import Trial, TrialItems, try_promotion

CURSORS = Cursors("promotions", Number)

strawberry.enum(PromotionPhase, description="Promotions of one phase apply before those of the next.")
strawberry.enum(BenefitKind, description="How a promotion takes money off.")


@strawberry.enum(description="Where a promotion stands.")
class PromotionStatus(Enum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    IN_FORCE = "in force"
    OVER = "over"


@strawberry.type(description="Goods of any of these products, categories (and below) or brands; all if none is named.")
class PromotionTarget:
    products: list[strawberry.ID]
    categories: list[strawberry.ID]
    brands: list[str]

    @described("Those of the products that are there, and that the caller may see.")
    async def found_products(self, info: Info) -> list[Product]:
        entries = await info.context.loaders.products.load_many([ProductId(it) for it in self.products])
        return [found for entry in entries if (found := Product.visible(entry, info)) is not None]

    @described("Those of the categories that are there.")
    async def found_categories(self, info: Info) -> list[Category]:
        states = await info.context.loaders.categories.load_many([CategoryId(it) for it in self.categories])
        return [Category.of(state) for state in states if state is not None]


@strawberry.type(description="From so many units on: so many of them free, or a percentage off all of them.")
class PromotionTier:
    from_units: int
    free_units: int
    basis_points: int


@strawberry.type(description="So many units of these goods in each bundle.")
class BundlePart:
    target: PromotionTarget
    quantity: int


@strawberry.type(description="What is taken off. Which fields say something follows from the kind.")
class Benefit:
    kind: BenefitKind
    basis_points: int
    amount: Money | None
    buy: int
    get: int
    most: int | None
    tiers: list[PromotionTier]
    parts: list[BundlePart]
    methods: list[str]


@strawberry.type(description="A rule that makes goods or their delivery cheaper.")
class Promotion:
    promotion_id: strawberry.ID
    title: str
    phase: PromotionPhase
    priority: int
    exclusive: bool
    threshold: Money | None
    target: PromotionTarget
    benefit: Benefit
    status: PromotionStatus
    zone: str | None = strawberry.field(description="In which its times were given.")
    starts: datetime | None
    ends: datetime | None = strawberry.field(description="From then on it is not in force; None: until it is ended.")
    ended_because: str | None
    replaced_by: strawberry.ID | None
    revision: int = strawberry.field(description="Of the event of `promotion-book` that set it.")

    @described("A cart as if the promotion were in force now. None when the cart is not there or not to be seen.")
    async def preview(self, info: Info, cart: strawberry.ID) -> Cart | None:
        cart_id = CartId(key_of("Cart", cart))
        page = await info.context.cart(cart_id)
        if page is None or not ALL_CARTS.sees(info.context.caller, page.cart.owner):
            return None
        return Cart.of(cart_id, page, *self.tried)

    @described("What goods would cost if the promotion were in force now. None when no SKU has a price.")
    async def trial(self, info: Info, items: TrialItems) -> Trial | None:
        return await try_promotion(info, items, *self.tried)

    @property
    def tried(self) -> tuple[ScheduledPromotion, ...]:
        """Itself as if it were in force; nothing if it is."""
        if self.status is PromotionStatus.IN_FORCE:
            return ()
        source = RuleSource(stream=PROMOTION_BOOK, revision=self.revision)
        always = datetime.min.replace(tzinfo=UTC)
        return (ScheduledPromotion(promotion=self.entry.promotion, starts=always, ends=None, source=source),)

    entry: strawberry.Private[BookEntry]


async def find_promotion(info: Info, id: strawberry.ID) -> Promotion | None:
    entry = (await info.context.promotions()).entries.get(PromotionId(checked_id(id)))
    return None if entry is None else _promotion(entry, info.context.now)


async def list_promotions(
    info: Info, first: First = None, after: After = None, status: PromotionStatus | None = None
) -> Connection[Promotion]:
    """The newest event first."""
    asked = window(CURSORS, first, after)
    book, now = await info.context.promotions(), info.context.now
    entries = [it for it in book.entries.values() if status is None or _status(it, now) is status]
    return connection(_page(entries, asked), CURSORS, lambda entry: _promotion(entry, now))


def _page(entries: list[BookEntry], asked: Window) -> Page[BookEntry]:
    newest = sorted(entries, key=lambda it: -it.revision)
    left = [it for it in newest if asked.after is None or it.revision < asked.after[0]]
    items: list[tuple[tuple[Any, ...], BookEntry]] = [((it.revision,), it) for it in left[: asked.size]]
    return Page(items=items, more_before=asked.after is not None, more_after=len(left) > asked.size)


def _status(entry: BookEntry, now: datetime) -> PromotionStatus:
    if entry.starts is None:
        return PromotionStatus.DRAFT
    if entry.is_over(now):
        return PromotionStatus.OVER
    return PromotionStatus.IN_FORCE if entry.starts <= now else PromotionStatus.SCHEDULED


def _promotion(entry: BookEntry, now: datetime) -> Promotion:
    it = entry.promotion
    return Promotion(
        promotion_id=strawberry.ID(it.promotion_id),
        title=it.title,
        phase=it.phase,
        priority=it.priority,
        exclusive=it.exclusive,
        threshold=None if it.threshold is None else shown(it.threshold),
        target=_target(it.target),
        benefit=_benefit(it.benefit),
        status=_status(entry, now),
        zone=entry.zone,
        starts=entry.starts,
        ends=entry.ends,
        ended_because=entry.ended_because,
        replaced_by=None if entry.replaced_by is None else strawberry.ID(entry.replaced_by),
        revision=entry.revision,
        entry=entry,
    )


def _target(target: rules.Target) -> PromotionTarget:
    return PromotionTarget(
        products=list(map(strawberry.ID, target.products)),
        categories=list(map(strawberry.ID, target.categories)),
        brands=list(target.brands),
    )


def _benefit(benefit: rules.Benefit) -> Benefit:
    return Benefit(
        kind=benefit.kind,
        basis_points=benefit.basis_points,
        amount=None if benefit.amount is None else shown(benefit.amount),
        buy=benefit.buy,
        get=benefit.get,
        most=benefit.most,
        tiers=[
            PromotionTier(from_units=it.from_units, free_units=it.free_units, basis_points=it.basis_points)
            for it in benefit.tiers
        ],
        parts=[BundlePart(target=_target(it.target), quantity=it.quantity) for it in benefit.parts],
        methods=list(benefit.methods),
    )
