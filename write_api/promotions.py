"""Promotions: drafted, scheduled in the shop's local time, replaced and ended."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from fastapi import APIRouter
from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from commands.lookups.catalogue import price_in
from domain.pricing import promotions as rules
from domain.pricing.promotions import ALL_OF_IT, BenefitKind, PromotionPhase
from domain.promotion.commands import DraftPromotion, EndPromotion, ReplacePromotion, SchedulePromotion
from domain.promotion.rules import (
    HIGHEST_PRIORITY,
    LONGEST_BRAND,
    LONGEST_TITLE,
    MOST_NAMES,
    MOST_PARTS,
    MOST_TIERS,
    MOST_UNITS,
)
from domain.shared.ids import CategoryId, ProductId, PromotionId
from write_api.http.context import Context, Prices
from write_api.http.fields import Amount, Because, Body, Code, PathId, Text, example
from write_api.http.local_time import instant
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/promotions", tags=["promotions"], route_class=CommandRoute)

EARLIEST, LATEST = 1970, 9998
"""Years whose local times are instants in every zone."""

Units = Annotated[int, Field(ge=0, le=MOST_UNITS)]
BasisPoints = Annotated[int, Field(ge=0, le=ALL_OF_IT, description="Hundredths of a percent.")]
Codes = Annotated[list[Code], Field(max_length=MOST_NAMES)]
Brand = Annotated[Text, Field(max_length=LONGEST_BRAND)]


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("zone", "There is no such zone; they look like Europe/Zurich")
    return name


def _local_time(text: str) -> str:
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        local = None
    if local is None or local.tzinfo is not None or not EARLIEST <= local.year <= LATEST:
        raise PydanticCustomError("local_time", "It is no local time")
    return text


Zone = Annotated[Text, Field(max_length=100, description="IANA time zone"), AfterValidator(_zone)]
LocalTime = Annotated[
    Text,
    Field(max_length=26, description="A local time of the zone, without offset: 2036-12-01T00:00:00."),
    AfterValidator(_local_time),
]


class Target(Body):
    """Goods of any of these products, categories (and below) or brands; all goods when nothing is named."""

    model_config = example(categories=["coffee"])

    products: Codes = Field(default=[])
    categories: Codes = Field(default=[])
    brands: Annotated[list[Brand], Field(max_length=MOST_NAMES)] = Field(default=[])

    def value(self) -> rules.Target:
        return rules.Target(
            products=tuple(map(ProductId, self.products)),
            categories=tuple(map(CategoryId, self.categories)),
            brands=tuple(self.brands),
        )


class Tier(Body):
    """From so many units on: so many of them free, or a percentage off all of them."""

    model_config = example(from_units=10, basis_points=500)

    from_units: Annotated[int, Field(ge=1, le=MOST_UNITS)]
    free_units: Units = 0
    basis_points: BasisPoints = 0


class BundlePart(Body):
    """So many units of these goods in each bundle."""

    model_config = example(target={"products": ["lamp"]}, quantity=1)

    target: Target
    quantity: Annotated[int, Field(ge=1, le=MOST_UNITS)] = 1


class Benefit(Body):
    """What is taken off; docs/prices.md says which fields belong to which kind."""

    model_config = example(kind="percentage", basis_points=1500)

    kind: Annotated[BenefitKind, Field(strict=False)]
    basis_points: BasisPoints = 0
    amount: Amount | None = None
    buy: Units = 0
    get: Units = 0
    most: Annotated[int, Field(ge=1, le=MOST_UNITS)] | None = None
    tiers: Annotated[list[Tier], Field(max_length=MOST_TIERS)] = Field(default=[])
    parts: Annotated[list[BundlePart], Field(max_length=MOST_PARTS)] = Field(default=[])
    methods: Codes = Field(default=[])

    def value(self) -> rules.Benefit:
        return rules.Benefit(
            kind=self.kind,
            basis_points=self.basis_points,
            amount=None if self.amount is None else self.amount.money(),
            buy=self.buy,
            get=self.get,
            most=self.most,
            tiers=tuple(
                rules.Tier(from_units=it.from_units, free_units=it.free_units, basis_points=it.basis_points)
                for it in self.tiers
            ),
            parts=tuple(rules.BundlePart(target=it.target.value(), quantity=it.quantity) for it in self.parts),
            methods=tuple(self.methods),
        )


class NewPromotion(Body):
    """`priority` is unique among the scheduled promotions of a phase; the lowest applies first."""

    model_config = example(
        title="Coffee week",
        phase="line",
        priority=10,
        benefit={"kind": "percentage", "basis_points": 1500},
        target={"categories": ["coffee"]},
    )

    title: Annotated[Text, Field(max_length=LONGEST_TITLE, description="What shoppers read beside the amount.")]
    phase: Annotated[PromotionPhase, Field(strict=False)]
    priority: Annotated[int, Field(ge=1, le=HIGHEST_PRIORITY)]
    benefit: Benefit
    target: Target = Field(default=Target())
    threshold: Amount | None = None
    exclusive: bool = False

    def value(self, it: str) -> rules.Promotion:
        return rules.Promotion(
            promotion_id=PromotionId(it),
            title=self.title,
            phase=self.phase,
            priority=self.priority,
            benefit=self.benefit.value(),
            target=self.target.value(),
            threshold=None if self.threshold is None else self.threshold.money(),
            exclusive=self.exclusive,
        )


class Schedule(Body):
    """In force from `starts` (left out: now) until just before `ends` (left out: until it is ended).

    A local time that the clocks skip means the moment of the skip; of one that is there twice, a start is the first and
    an end the last.
    """

    model_config = example(zone="Europe/Zurich", starts="2036-12-01T00:00:00", ends="2036-12-25T00:00:00")

    zone: Zone
    starts: LocalTime | None = None
    ends: LocalTime | None = None


class PromotionDrafted(Accepted):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"position": "48220", "revision": 3, "promotion_id": "0197f0a8-5f60-7e41-9c33-9d0e1f2a3b4c"}]
        }
    )

    promotion_id: str


def _promotion(context: Context, body: NewPromotion, it: str) -> rules.Promotion:
    """In the shop's currency. Raises ForeignCurrency."""
    promotion = body.value(it)
    for amount in (promotion.threshold, promotion.benefit.amount):
        if amount is not None:
            price_in(context.ports.rules.currency, amount)
    return promotion


@router.post("", status_code=201)
async def draft_promotion(context: Prices, body: NewPromotion) -> PromotionDrafted:
    """Draft a promotion. It is not in force before it is scheduled."""
    it = context.new_id("promotion")
    at = await context.handler(DraftPromotion(promotion=_promotion(context, body, it)), context.metadata)
    context.created("promotions", it)
    return context.answer(PromotionDrafted, at, promotion_id=it)


@router.put("/{promotion_id}")
async def edit_promotion(context: Prices, promotion_id: PathId, body: NewPromotion) -> Accepted:
    """Write the draft of a promotion anew. One that is scheduled is not edited but replaced."""
    return await context.carry_out(DraftPromotion(promotion=_promotion(context, body, promotion_id)))


@router.put("/{promotion_id}/schedule")
async def schedule_promotion(context: Prices, promotion_id: PathId, body: Schedule) -> Accepted:
    """Schedule a promotion. Its times are local times of a zone."""
    zone = ZoneInfo(body.zone)
    ends = None if body.ends is None else instant(datetime.fromisoformat(body.ends), zone, last=True)
    schedule = SchedulePromotion(
        promotion_id=PromotionId(promotion_id),
        zone=body.zone,
        starts=context.now if body.starts is None else instant(datetime.fromisoformat(body.starts), zone),
        ends=ends,
        at=context.now,
    )
    return await context.carry_out(schedule)


@router.post("/{promotion_id}/end")
async def end_promotion(context: Prices, promotion_id: PathId, body: Because) -> Accepted:
    """End a promotion now. A draft is discarded; one that has ended is no error."""
    return await context.carry_out(
        EndPromotion(promotion_id=PromotionId(promotion_id), reason=body.reason, at=context.now)
    )


@router.post("/{promotion_id}/replace", status_code=201)
async def replace_promotion(context: Prices, promotion_id: PathId, body: NewPromotion) -> PromotionDrafted:
    """Replace a scheduled promotion by another one, from now until its end. No moment is without one of them."""
    it = context.new_id("promotion")
    replacing = ReplacePromotion(
        promotion_id=PromotionId(promotion_id), promotion=_promotion(context, body, it), at=context.now
    )
    at = await context.handler(replacing, context.metadata)
    context.created("promotions", it)
    return context.answer(PromotionDrafted, at, promotion_id=it)
