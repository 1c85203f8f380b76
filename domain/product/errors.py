"""Why a product says no."""

from domain.shared.errors import Conflict, Invalid, NotFound


class ProductNotFound(NotFound):
    """There is no such product."""


class VariantNotFound(NotFound):
    """The product has no such variant."""


class ProductExists(Conflict):
    """The product was drafted before, with another text."""


class ProductIsDiscontinued(Conflict):
    """The product has left the range for good."""


class VariantExists(Conflict):
    """The product has that SKU already."""


class OptionsTaken(Conflict):
    """Another variant of the product has the same options."""


class OptionTwice(Invalid):
    """A variant names an option twice."""


class OtherCurrency(Conflict):
    """The product is priced in another currency."""


class NothingToSell(Conflict):
    """No variant of the product has a price yet."""


class TooMany(Conflict):
    """The product has as many of these as it can have."""


class PriceHasBegun(Conflict):
    """The price is or was in force."""


class LastForSale(Conflict):
    """Without the variant the product on sale would have nothing to sell."""


class NotALink(Invalid):
    """The address is not one that a browser can load."""


class TimeWithoutZone(Invalid):
    """The time does not say in which zone it is."""
