"""How goods get to those who buy them, and what that costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.cart.commands import Delivery
from domain.shared.errors import Invalid
from domain.shared.ids import Warehouse
from domain.shared.money import Money
from domain.shared.personal import Sealed

STANDARD, EXPRESS, PICKUP = "standard", "express", "pickup"

PRICES: Mapping[str, int] = {STANDARD: 499, EXPRESS: 999, PICKUP: 0}
"""In minor units of the shop's currency."""


class UnknownDeliveryMethod(Invalid):
    """Nothing is delivered in that way."""


class AddressMissing(Invalid):
    """The delivery needs an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryMethod:
    """What a way of delivery costs, and whether it goes to an address of the shopper's."""

    price: Money
    to_address: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOptions:
    """How goods can be delivered, and from which warehouses, best first."""

    methods: Mapping[str, DeliveryMethod]
    warehouses: tuple[Warehouse, ...]

    def delivery(self, method: str, address: Sealed | None) -> Delivery:
        """Delivery by a method that there is. Raises UnknownDeliveryMethod, AddressMissing."""
        if (chosen := self.methods.get(method)) is None:
            choices = ", ".join(self.methods)
            raise UnknownDeliveryMethod(f"Choose one of {choices}, not {method}.", "delivery_method")
        if chosen.to_address and address is None:
            raise AddressMissing(f"Say where the goods go by {method}.", "address")
        return Delivery(method=method, price=chosen.price, warehouses=self.warehouses, address=address)


def delivery_options(currency: str, warehouses: Sequence[str]) -> DeliveryOptions:
    """The ways of delivery of a shop with this currency and these warehouses."""
    methods = {
        name: DeliveryMethod(price=Money(price, currency), to_address=name != PICKUP) for name, price in PRICES.items()
    }
    return DeliveryOptions(methods=methods, warehouses=tuple(map(Warehouse, warehouses)))
