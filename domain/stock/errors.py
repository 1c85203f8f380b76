"""Why the stock says no."""

from domain.shared.errors import Conflict, Invalid


class NothingReserved(Conflict):
    """The order holds no units here."""


class ReservedOtherwise(Conflict):
    """The order holds another number of units already."""


class NotCommitted(Conflict):
    """The order's units are held for a while only."""


class MoreThanReserved(Conflict):
    """The order holds fewer units than that."""


class StockIsPromised(Conflict):
    """The units are promised to orders."""


class NotOnHand(Conflict):
    """There are not that many units."""


class TooManyUnits(Invalid):
    """There would be more units than can be counted."""
