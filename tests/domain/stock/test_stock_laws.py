"""Whatever is asked of stock, in whatever order."""

from itertools import pairwise

from hypothesis import given

from domain.shared.errors import DomainError
from domain.shared.holding import Holder, HoldLimits
from domain.shared.ids import CustomerId
from domain.stock.commands import (
    CommitReservation,
    ExpireReservation,
    ExtendReservation,
    ReleaseReservation,
    ReserveStock,
    SetBackorderLimit,
    StockCommand,
)
from domain.stock.decider import Stock, stock_decider
from domain.stock.events import (
    ReservationDeclined,
    ReservationReleased,
    StockAdjusted,
    StockDispatched,
    StockEvent,
    StockReceived,
    StockReserved,
    StockReturned,
)
from infra.serialization.codec import JsonCodec
from tests.support.builders.strategies import stock_stories
from tests.support.harness.laws import law, play

commands = stock_stories()
REPEATABLE = (SetBackorderLimit, ExtendReservation, CommitReservation, ReleaseReservation, ExpireReservation)


@law
@given(commands)
def test_no_unit_is_promised_twice(asked: list[StockCommand]) -> None:
    for stock, _ in play(stock_decider, asked):
        assert 0 <= stock.reserved <= stock.on_hand + stock.backorder_limit
        assert stock.available >= 0


@law
@given(commands)
def test_what_is_reserved_is_what_orders_hold(asked: list[StockCommand]) -> None:
    for stock, _ in play(stock_decider, asked):
        assert stock.reserved == sum(held.quantity for held in stock.reservations.values())
        assert all(held.quantity > 0 for held in stock.reservations.values())


@law
@given(commands)
def test_what_is_unpaid_is_listed_by_its_holders(asked: list[StockCommand]) -> None:
    for stock, _ in play(stock_decider, asked):
        unpaid = {order: held for order, held in stock.reservations.items() if not held.committed}
        assert stock.committed == stock.reserved - sum(held.quantity for held in unpaid.values())
        for shopper in (CustomerId("anna"), CustomerId("ben")):
            theirs = {order for order, held in unpaid.items() if held.holder and held.holder.shopper == shopper}
            assert sorted(stock.unpaid_orders(shopper)) == sorted(theirs)
        there = {order for order, held in unpaid.items() if held.holder and held.holder.client == "paris"}
        assert sorted(stock.unpaid_orders_from("paris")) == sorted(there)


@law
@given(commands)
def test_a_shopper_gets_units_within_the_limits_and_is_never_blocked_by_their_own_hold(
    asked: list[StockCommand],
) -> None:
    steps = [(Stock(), ()), *play(stock_decider, asked)]
    for command, (before, _), (after, answer) in zip(asked, steps, steps[1:], strict=False):
        match command, answer:
            case ReserveStock(holder=Holder() as holder, limits=HoldLimits()), [*_, StockReserved()]:
                mine = after.unpaid_units(after.unpaid_orders(holder.shopper))
                assert mine <= max(1, after.promisable * 3 // 4)
                if holder.client is not None:
                    theirs = after.unpaid_units(after.unpaid_orders_from(holder.client))
                    assert theirs <= max(1, after.promisable // 2)
            case ReserveStock(holder=Holder() as holder), [ReservationDeclined(quantity=wanted, available=can)]:
                own = before.unpaid_units(before.unpaid_orders(holder.shopper))
                assert can < wanted
                assert can <= before.available + own
                assert after.reservations == before.reservations
                if command.limits is None:
                    assert wanted > before.available + own
            case _:
                pass


@law
@given(commands)
def test_the_facts_add_up_to_the_state(asked: list[StockCommand]) -> None:
    facts: list[StockEvent] = []
    for stock, answer in play(stock_decider, asked):
        if not isinstance(answer, DomainError):
            facts += answer
        assert (stock.on_hand, stock.reserved) == (sum(map(moved, facts)), sum(map(promised, facts)))
        assert stock_decider.replay(facts) == stock


def moved(fact: StockEvent) -> int:
    """Units that the fact brought into the house."""
    match fact:
        case StockReceived(quantity=units) | StockReturned(quantity=units) | StockAdjusted(delta=units):
            return units
        case StockDispatched(quantity=units):
            return -units
        case _:
            return 0


def promised(fact: StockEvent) -> int:
    """Units that the fact set aside."""
    match fact:
        case StockReserved(quantity=units):
            return units
        case ReservationReleased(quantity=units) | StockDispatched(quantity=units):
            return -units
        case _:
            return 0


@law
@given(commands)
def test_a_dispatch_lowers_both_what_is_on_hand_and_what_is_reserved(asked: list[StockCommand]) -> None:
    steps = [(Stock(), ()), *play(stock_decider, asked)]
    for (before, _), (after, answer) in pairwise(steps):
        match answer:
            case [StockDispatched(quantity=units)]:
                assert after.on_hand == before.on_hand - units
                assert after.reserved == before.reserved - units
                assert after.available == before.available
            case _:
                pass


@law
@given(commands)
def test_a_refusal_and_a_repeat_change_nothing(asked: list[StockCommand]) -> None:
    steps = [(Stock(), ()), *play(stock_decider, asked)]
    for command, (before, _), (after, answer) in zip(asked, steps, steps[1:], strict=False):
        if isinstance(answer, DomainError):
            assert after == before
        elif isinstance(command, REPEATABLE):
            assert stock_decider.decide(after, command) == []


@law
@given(commands)
def test_a_committed_reservation_neither_expires_nor_shrinks_but_by_dispatch_or_release(
    asked: list[StockCommand],
) -> None:
    steps = [(Stock(), ()), *play(stock_decider, asked)]
    for command, (before, _), (after, answer) in zip(asked, steps, steps[1:], strict=False):
        committed = {order for order, held in before.reservations.items() if held.committed}
        for order in committed:
            if before.reservations[order] != after.reservations.get(order):
                assert not isinstance(command, ExpireReservation)
                assert isinstance(answer, list)
                assert isinstance(answer[0], StockDispatched | ReservationReleased)


@law
@given(commands)
def test_a_snapshot_is_the_state(asked: list[StockCommand]) -> None:
    codec = JsonCodec()
    *_, (stock, _) = play(stock_decider, asked)
    assert codec.decode(codec.encode(stock), Stock) == stock
