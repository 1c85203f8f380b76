"""Whatever warehouses hold and others buy meanwhile: all of a line or none, and never more than is there."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from domain.shared.ids import OrderId, Warehouse
from domain.stock.commands import ReceiveStock, ReserveStock
from domain.stock.decider import Stock, stock_decider
from domain.stock.events import ReservationDeclined, StockReserved
from process_managers.checkout.lines import Hold, Line, begun, declined, with_part
from tests.support.builders.strategies import MUG, NOON
from tests.support.harness.laws import law

ORDER, RIVAL = OrderId("one"), OrderId("rival")
STEPS = 100


@dataclass(slots=True)
class Shelves:
    """Warehouses with real stock; `rivals` are what others take of each before its next answer."""

    units: Sequence[int]
    rivals: list[int] = field(default_factory=list)
    stocks: dict[Warehouse, Stock] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, units in enumerate(self.units):
            self.stocks[Warehouse(f"W{number}")] = Stock()
            if units:
                where = Warehouse(f"W{number}")
                self.tell(where, ReceiveStock(sku=MUG, warehouse=where, quantity=units))

    def tell(self, where: Warehouse, command: ReceiveStock | ReserveStock) -> object:
        (fact,) = stock_decider.decide(self.stocks[where], command)
        self.stocks[where] = stock_decider.replay([fact], since=self.stocks[where])
        return fact

    def reserve(self, where: Warehouse, units: int, order: OrderId = ORDER) -> object:
        command = ReserveStock(sku=MUG, warehouse=where, order_id=order, quantity=units, expires_at=NOON)
        return self.tell(where, command)


def settled(shelves: Shelves, wanted: int, choose: Sequence[int]) -> Line:
    """The line when every warehouse has answered; `choose` picks who answers next."""
    places = list(shelves.stocks)
    line = begun(wanted, places)
    for step in range(STEPS):
        waiting = [where for where, part in sorted(line.parts.items()) if part.hold is Hold.NOTHING_YET]
        if not waiting:
            return line
        where = waiting[choose[step % len(choose)] % len(waiting)]
        if shelves.rivals and (units := shelves.rivals.pop()):
            shelves.reserve(where, units, OrderId(f"{RIVAL} {step}"))
        match shelves.reserve(where, line.parts[where].quantity):
            case StockReserved():
                line = with_part(line, where, Hold.HELD)
            case ReservationDeclined() as heard:
                line = declined(line, places, heard)
    raise AssertionError("It never comes to rest.")


stocks = st.lists(st.integers(0, 4), min_size=1, max_size=4)
choices = st.lists(st.integers(0, 3), min_size=1, max_size=8)


@law
@given(stocks, st.integers(1, 9), choices)
def test_what_the_warehouses_have_together_can_be_bought(units: list[int], wanted: int, choose: list[int]) -> None:
    line = settled(Shelves(units), wanted, choose)
    held = {where: part.quantity for where, part in line.parts.items()}

    assert line.short == (sum(units) < wanted)
    assert line.obtainable == min(wanted, sum(units))
    assert all(0 < quantity <= units[int(where[1:])] for where, quantity in held.items())
    if not line.short:
        assert line.all_parts(Hold.HELD)
        assert sum(held.values()) == wanted
    if max(units) >= wanted:
        assert list(held.values()) == [wanted]


@law
@given(stocks, st.integers(1, 9), choices, st.lists(st.integers(0, 2), max_size=6))
def test_rivals_leave_all_of_a_line_or_a_short_one(
    units: list[int], wanted: int, choose: list[int], rivals: list[int]
) -> None:
    shelves = Shelves(units, rivals)
    line = settled(shelves, wanted, choose)

    for where, stock in shelves.stocks.items():
        assert 0 <= stock.reserved <= stock.on_hand
        mine = stock.reservations.get(ORDER)
        part = line.parts.get(where)
        assert (mine.quantity if mine else 0) == (part.quantity if part else 0)
    assert line.short or sum(part.quantity for part in line.parts.values()) == wanted
