"""Why a parcel says no."""

from domain.shared.errors import Conflict, Invalid, NotFound


class ShipmentNotFound(NotFound):
    """There is no such parcel."""


class PlannedDifferently(Conflict):
    """The parcel was planned with other contents."""


class ImpossibleParcel(Invalid):
    """A parcel cannot hold that."""


class ParcelNotReady(Conflict):
    """An earlier step of the parcel is missing."""


class ParcelHasMovedOn(Conflict):
    """The parcel is past that step."""
