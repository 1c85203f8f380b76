"""How goods are delivered in this shop, and how many may be held before they are paid."""

from domain.cart.delivery import DeliveryOptions, delivery_options
from domain.shared.holding import HoldLimits
from infra.settings import Settings


def limits(settings: Settings) -> HoldLimits:
    """How many units one shopper, or all from one network address, may hold before they are paid."""
    return HoldLimits(shopper=settings.unpaid_shopper, client=settings.unpaid_client, always=settings.unpaid_always)


def delivery(settings: Settings) -> DeliveryOptions:
    return delivery_options(settings.currency, settings.warehouses)
