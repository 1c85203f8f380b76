"""What can be asked of the promotion book."""

from datetime import datetime

from domain.pricing.promotions import Promotion
from domain.shared.ids import PromotionId
from domain.shared.messages import command


@command("promotion.draft.v1")
class DraftPromotion:
    """Write a draft, or write it anew."""

    promotion: Promotion


@command("promotion.schedule.v1")
class SchedulePromotion:
    """Put a draft in force in [starts, ends); `zone` is that in which staff gave the times."""

    promotion_id: PromotionId
    zone: str
    starts: datetime
    ends: datetime | None
    at: datetime


@command("promotion.end.v1")
class EndPromotion:
    """End a promotion now, or discard it before it has begun."""

    promotion_id: PromotionId
    reason: str
    at: datetime


@command("promotion.replace.v1")
class ReplacePromotion:
    """Put another promotion in the place of a scheduled one, from now until its end."""

    promotion_id: PromotionId
    promotion: Promotion
    at: datetime


PromotionCommand = DraftPromotion | SchedulePromotion | EndPromotion | ReplacePromotion
