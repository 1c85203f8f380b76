"""Whatever is asked of a parcel, in whatever order."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.shared.errors import DomainError
from domain.shared.units import Units
from domain.shipment import commands as ask
from domain.shipment.decider import shipment_decider
from domain.shipment.events import ShipmentDispatched
from domain.shipment.state import Shipment, ShipmentPhase
from tests.support.builders.sold import FIRST, ORDER, WEST, units
from tests.support.builders.strategies import CUP, MUG
from tests.support.harness.laws import law, play

quantities = st.integers(0, 2)
contents = st.lists(st.builds(units, st.sampled_from([MUG, CUP]), quantities), max_size=2).map(tuple)
which = {"shipment_id": st.just(FIRST)}
reason = {"reason": st.just("Because")}
commands = st.one_of(
    st.builds(ask.PlanShipment, **which, order_id=st.just(ORDER), warehouse=st.just(WEST), items=contents),
    st.builds(ask.PickShipment, **which),
    st.builds(ask.ShortPick, **which, missing=contents),
    st.builds(ask.ReduceShipment, **which, sku=st.sampled_from([MUG, CUP]), quantity=quantities),
    st.builds(ask.PackShipment, **which),
    st.builds(ask.ClearShipment, **which),
    st.builds(ask.DispatchShipment, **which, carrier=st.just("DHL"), tracking=st.sampled_from(["1", "2"])),
    st.builds(ask.RecordTracking, **which, status=st.just("near")),
    st.builds(ask.RecordParcelDelivery, **which),
    st.builds(ask.RecordLoss, **which, **reason),
    st.builds(ask.RecordReturnToSender, **which, **reason),
    st.builds(ask.CancelShipment, **which, **reason),
)
usual = ask.PlanShipment(shipment_id=FIRST, order_id=ORDER, warehouse=WEST, items=(units(MUG, 2), units(CUP, 1)))

NEXT = {
    ShipmentPhase.NEW: {ShipmentPhase.PLANNED},
    ShipmentPhase.PLANNED: {ShipmentPhase.PICKED, ShipmentPhase.CANCELLED},
    ShipmentPhase.PICKED: {ShipmentPhase.PACKED, ShipmentPhase.CANCELLED},
    ShipmentPhase.PACKED: {ShipmentPhase.CLEARED, ShipmentPhase.CANCELLED},
    ShipmentPhase.CLEARED: {ShipmentPhase.DISPATCHED, ShipmentPhase.CANCELLED},
    ShipmentPhase.DISPATCHED: {ShipmentPhase.DELIVERED, ShipmentPhase.LOST, ShipmentPhase.RETURNED},
    ShipmentPhase.DELIVERED: set[ShipmentPhase](),
    ShipmentPhase.LOST: set[ShipmentPhase](),
    ShipmentPhase.RETURNED: set[ShipmentPhase](),
    ShipmentPhase.CANCELLED: set[ShipmentPhase](),
}


def quantities_of(items: tuple[Units, ...]) -> dict[str, int]:
    return {item.sku: item.quantity for item in items}


@law
@given(st.lists(commands, min_size=10, max_size=40))
def test_no_step_is_skipped_and_nothing_comes_into_a_parcel_unseen(asked: list[ask.ShipmentCommand]) -> None:
    played = list(play(shipment_decider, [usual, *asked]))
    for (before, _), (after, _) in pairwise([(Shipment(), []), *played]):
        assert after.phase is before.phase or after.phase in NEXT[before.phase]
    for parcel, answer in played:
        planned, missing = quantities_of(parcel.planned), quantities_of(parcel.missing)
        for sku, quantity in quantities_of(parcel.items).items():
            assert 0 < quantity <= planned[sku] - missing.get(sku, 0)
        if ShipmentPhase.PICKED <= parcel.phase < ShipmentPhase.CANCELLED:
            assert parcel.items
        for fact in [] if isinstance(answer, DomainError) else answer:
            if isinstance(fact, ShipmentDispatched):
                assert fact.items == parcel.items
