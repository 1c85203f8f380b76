"""How goods get to those who bought them and what that costs, in hundredths of the shop's currency; and how many may
be held before they are paid."""

from commands.lookups.checkout import DeliveryMethod, DeliveryOptions
from domain.shared.holding import HoldLimits
from domain.shared.ids import Warehouse
from domain.shared.money import Money
from infra.settings import Settings

PRICES = {"standard": 499, "express": 999}
PICKUP = "pickup"


def limits(settings: Settings) -> HoldLimits:
    """How many units one shopper, or all from one network address, may hold before they are paid."""
    return HoldLimits(shopper=settings.unpaid_shopper, client=settings.unpaid_client, always=settings.unpaid_always)


def delivery(settings: Settings) -> DeliveryOptions:
    methods = {name: DeliveryMethod(price=Money(cents, settings.currency)) for name, cents in PRICES.items()}
    methods[PICKUP] = DeliveryMethod(price=Money(0, settings.currency), to_address=False)
    return DeliveryOptions(methods=methods, warehouses=tuple(map(Warehouse, settings.warehouses)))
