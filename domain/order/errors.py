"""Why an order says no."""

from domain.shared.errors import Conflict, Invalid, NotFound


class OrderNotFound(NotFound):
    """There is no such order."""


class OrderIncomplete(Invalid):
    """The order leaves out something that every order has."""


class TotalDiffers(Invalid):
    """The total is not what the lines and the delivery cost together."""


class OrderIdTaken(Conflict):
    """Another checkout has placed this order."""


class NotOnOrder(NotFound):
    """The order has no such line or parcel."""


class UnitsNotOpen(Conflict):
    """The line has fewer units that are neither dispatched nor cancelled."""


class AlreadyDispatched(Conflict):
    """Part of the order has left the warehouse."""


class OrderClosed(Conflict):
    """The order is cancelled or completed."""


class StillOpen(Conflict):
    """Part of the order has neither arrived nor been cancelled."""
