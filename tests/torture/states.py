"""What the read API may have shown of a thing: one state for each of its facts, by the witness's own arithmetic."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from domain.cart.events import CartCheckedOut, CartOpened, CartReopened, ItemAdded, ItemRemoved, QuantityChanged
from domain.order.events import OrderCancelled, OrderCompleted, OrderDispatched, OrderLineCancelled, OrderPlaced
from domain.shared.journal import JournalEntry
from domain.shared.recorded import Recorded

Thing = tuple[str, str]
"""Kind and id."""

State = Any
NOT_THERE = None


@dataclass(slots=True)
class History:
    """The states of a thing, and the positions from which on they held."""

    positions: list[int] = field(default_factory=lambda: [0])
    states: list[State] = field(default_factory=lambda: [NOT_THERE])

    @property
    def last(self) -> State:
        return self.states[-1]

    def becomes(self, position: int, state: State) -> None:
        self.positions.append(position)
        self.states.append(state)

    def since(self, position: int) -> list[State]:
        """The state at a position, and all later ones."""
        return self.states[bisect_right(self.positions, position) - 1 :]


def histories(log: Iterable[Recorded[Any]]) -> dict[Thing, History]:
    """Of every cart, checkout and order."""
    things = defaultdict[Thing, History](History)
    for recorded in log:
        if (thing := _thing(recorded.fact)) is not None:
            history = things[thing]
            history.becomes(recorded.position, _after(history.last, recorded.fact))
    return things


def shown(kind: str, answer: Any) -> State:
    """The state that an answer of the read API tells of."""
    if answer is None:
        return NOT_THERE
    match kind:
        case "cart":
            return {line["sku"]: line["quantity"] for line in answer["lines"]}
        case "checkout":
            return answer["phase"].lower().replace("_", " "), answer["rejection"] is not None
        case _:
            lines = {line["sku"]: (line["dispatched"], line["cancelled"]) for line in answer["lines"]}
            ended = answer["status"] if answer["status"] in ("CANCELLED", "COMPLETED") else ""
            return ended, lines


def _thing(fact: Any) -> Thing | None:
    match fact:
        case CartOpened() | ItemAdded() | QuantityChanged() | ItemRemoved():
            return "cart", fact.cart_id
        case JournalEntry(process="checkout", instance=instance):
            return "checkout", instance
        case CartCheckedOut() | CartReopened():
            return "checkout", fact.checkout_id
        case OrderPlaced() | OrderLineCancelled() | OrderCancelled() | OrderDispatched() | OrderCompleted():
            return "order", fact.order_id
    return None


def _after(state: State, fact: Any) -> State:
    match fact:
        case CartOpened():
            return {}
        case ItemAdded(offer=offer, quantity=n):
            return {**state, offer.sku: state.get(offer.sku, 0) + n}
        case QuantityChanged(sku=sku, quantity=n):
            return {**state, sku: n}
        case ItemRemoved(sku=gone):
            return {sku: n for sku, n in state.items() if sku != gone}
        case CartCheckedOut():
            return "started", False
        case CartReopened():
            return state[0], True
        case JournalEntry(phase=phase):
            return phase, state[1]
        case OrderPlaced():
            return "", {line.priced.sku: (0, 0) for line in fact.lines}
    ended, lines = state
    match fact:
        case OrderLineCancelled(sku=sku, quantity=n):
            sent, cancelled = lines[sku]
            return ended, {**lines, sku: (sent, cancelled + n)}
        case OrderDispatched(units=units):
            sent = {each.sku: (lines[each.sku][0] + each.quantity, lines[each.sku][1]) for each in units}
            return ended, {**lines, **sent}
        case OrderCancelled():
            return "CANCELLED", lines
        case _:
            return "COMPLETED", lines
