"""From which parcel a cancelled unit is cut, when several bring units of the same line."""

from immutables import Map

from domain.shared.frozen import replace
from domain.shared.ids import ShipmentId, Sku
from process_managers.fulfilment.state import Parcel, Step

Parcels = Map[ShipmentId, Parcel]


def cut(parcels: Parcels, sku: Sku, units: int) -> Parcels:
    """Cut cancelled units: first where they are missing or nothing leaves any more, then from the last open parcel."""
    for room in (_gone, _open, _any):
        for shipment, parcel in sorted(parcels.items(), reverse=True):
            if taken := min(units, room(parcel, sku)):
                parcels = parcels.set(shipment, _with(parcel, sku, taken))
                units -= taken
    return parcels


def cut_elsewhere(parcels: Parcels, left: ShipmentId) -> Parcels:
    """A parcel left with units that were to be cut from it: other open parcels bring fewer instead."""
    for sku, units in sorted(parcels[left].cut.items()):
        parcel = parcels[left]
        over = units - (parcel.planned[sku] - parcel.items.get(sku, 0))
        for shipment, other in sorted(parcels.items(), reverse=True):
            if shipment != left and (taken := min(over, _open(other, sku))) > 0:
                parcels = parcels.set(shipment, _with(other, sku, taken))
                parcels = parcels.set(left, _with(parcels[left], sku, -taken))
                over -= taken
    return parcels


def _with(parcel: Parcel, sku: Sku, units: int) -> Parcel:
    return replace(parcel, cut=parcel.cut.set(sku, parcel.cut.get(sku, 0) + units))


def _any(parcel: Parcel, sku: Sku) -> int:
    """Units of the parcel that are not cut."""
    return parcel.planned.get(sku, 0) - parcel.cut.get(sku, 0)


def _gone(parcel: Parcel, sku: Sku) -> int:
    """Units of the parcel that cannot be sent and are not cut yet."""
    if parcel.step is Step.CANCELLED:
        return _any(parcel, sku)
    return max(0, parcel.missing.get(sku, 0) - parcel.cut.get(sku, 0))


def _open(parcel: Parcel, sku: Sku) -> int:
    """Units that the parcel is still to bring."""
    return _any(parcel, sku) if parcel.step < Step.DISPATCHED else 0
