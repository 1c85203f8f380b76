"""How goods get to those who bought them, and what that costs, in hundredths of the shop's currency."""

from commands.lookups.checkout import DeliveryMethod, DeliveryOptions
from domain.shared.ids import Warehouse
from domain.shared.money import Money
from infra.settings import Settings

PRICES = {"standard": 499, "express": 999}
PICKUP = "pickup"


def delivery(settings: Settings) -> DeliveryOptions:
    methods = {name: DeliveryMethod(price=Money(cents, settings.currency)) for name, cents in PRICES.items()}
    methods[PICKUP] = DeliveryMethod(price=Money(0, settings.currency), to_address=False)
    return DeliveryOptions(methods=methods, warehouses=tuple(map(Warehouse, settings.warehouses)))
