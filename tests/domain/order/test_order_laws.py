"""Whatever is asked of an order, in whatever order."""

from hypothesis import given
from hypothesis import strategies as st

from domain.order import commands as order
from domain.order.decider import order_decider
from domain.order.events import OrderCancelled, OrderLineCancelled
from domain.order.state import OrderPhase
from domain.shared.errors import DomainError
from domain.shared.ids import Sku
from domain.shared.money import Money, total
from tests.support.builders.sold import EAST, FIRST, ORDER, PAYMENT, SECOND, WEST, euro, order_line, place, units
from tests.support.builders.strategies import CUP, MUG
from tests.support.harness.laws import law, play

quantities = st.integers(1, 3)
skus = st.sampled_from([MUG, CUP])
shipments = st.sampled_from([FIRST, SECOND])
parcels = st.builds(units, skus, quantities).map(lambda item: (item,))
commands = st.one_of(
    st.builds(order.CancelLine, order_id=st.just(ORDER), sku=skus, quantity=quantities, reason=st.just("Broken")),
    st.builds(order.CancelLine, order_id=st.just(ORDER), sku=skus, quantity=quantities, reason=st.just("Broken")),
    st.builds(order.RecordDispatch, order_id=st.just(ORDER), shipment_id=shipments, units=parcels),
    st.builds(order.RecordDelivery, order_id=st.just(ORDER), shipment_id=shipments),
    st.builds(order.CompleteOrder, order_id=st.just(ORDER)),
    st.builds(order.CancelOrder, order_id=st.just(ORDER), reason=st.just("Changed my mind")),
)


def bought(mugs: int, mug_cents: int, cups: int, cup_cents: int, delivery: int) -> order.PlaceOrder:
    due = mug_cents + cup_cents + delivery
    return place(
        lines=(order_line(MUG, WEST, mugs, mug_cents), order_line(CUP, EAST, cups, cup_cents)),
        delivery_price=euro(delivery),
        total=euro(due),
        payment_id=PAYMENT if due else None,
    )


cents = st.integers(0, 101)
purchases = st.builds(bought, st.integers(1, 7), cents, st.integers(1, 7), cents, st.integers(0, 5))


@law
@given(purchases, st.lists(commands, min_size=10, max_size=40))
def test_no_cent_and_no_unit_is_lost(purchase: order.PlaceOrder, asked: list[order.OrderCommand]) -> None:
    off = Money(0, "EUR")
    for state, answer in play(order_decider, [purchase, *asked]):
        facts = [] if isinstance(answer, DomainError) else answer
        off = total([off, *(fact.value for fact in facts if isinstance(fact, OrderLineCancelled))], "EUR")
        if any(isinstance(fact, OrderCancelled) for fact in facts):
            off = state.total
        assert off + state.owed == state.total
        for line in state.lines.values():
            assert line.open >= 0
            assert line.dispatched >= 0
            assert line.cancelled >= 0
        if state.phase is OrderPhase.COMPLETED:
            assert state.open_units == 0
            assert not state.on_the_way
        if state.phase is OrderPhase.CANCELLED:
            assert not state.parcels


@law
@given(purchases, st.permutations([MUG] * 7 + [CUP] * 7))
def test_all_units_of_a_line_are_worth_the_line_in_any_order(purchase: order.PlaceOrder, skus: list[Sku]) -> None:
    one_by_one: list[order.OrderCommand] = [
        order.CancelLine(order_id=ORDER, sku=sku, quantity=1, reason="Broken") for sku in skus
    ]
    back = {MUG: euro(0), CUP: euro(0)}
    for _, answer in play(order_decider, [purchase, *one_by_one]):
        for fact in [] if isinstance(answer, DomainError) else answer:
            if isinstance(fact, OrderLineCancelled):
                assert fact.value.amount >= 0
                back[fact.sku] += fact.value
    assert back == {line.priced.sku: line.priced.total for line in purchase.lines}
