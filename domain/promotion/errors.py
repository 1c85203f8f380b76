"""Why the promotion book says no."""

from domain.shared.errors import Conflict, Invalid, NotFound


class PromotionNotFound(NotFound):
    """There is no such promotion."""


class PromotionExists(Conflict):
    """A promotion has that id."""


class PromotionIsScheduled(Conflict):
    """A promotion that is scheduled is not edited."""


class PromotionIsNotScheduled(Conflict):
    """The promotion is a draft."""


class PromotionIsOver(Conflict):
    """The promotion has ended."""


class PriorityTaken(Conflict):
    """Another promotion of the phase has that priority."""


class TooManyPromotions(Conflict):
    """There are as many promotions as there may be."""


class UnusableBenefit(Invalid):
    """The benefit does not say what it takes off, or not in this phase."""


class UnusableTimes(Invalid):
    """A promotion cannot be in force at these times."""
