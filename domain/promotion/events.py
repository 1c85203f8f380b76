"""What can happen to the promotion book."""

from datetime import datetime

from domain.pricing.promotions import Promotion
from domain.shared.ids import PromotionId
from domain.shared.messages import event


@event("promotion.drafted.v1")
class PromotionDrafted:
    promotion: Promotion


@event("promotion.scheduled.v1")
class PromotionScheduled:
    promotion_id: PromotionId
    zone: str
    starts: datetime
    ends: datetime | None
    at: datetime


@event("promotion.ended.v1")
class PromotionEnded:
    promotion_id: PromotionId
    reason: str
    at: datetime


@event("promotion.replaced.v1")
class PromotionReplaced:
    """`promotion` takes the place of `promotion_id` at that moment, and keeps its end."""

    promotion_id: PromotionId
    promotion: Promotion
    at: datetime


PromotionEvent = PromotionDrafted | PromotionScheduled | PromotionEnded | PromotionReplaced
