"""The smallest aggregate that can say no: tickets of which there are so many and no more."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from commands.handler import CommandHandler
from commands.routes import Route
from domain.shared.decider import Decider
from domain.shared.errors import Conflict
from domain.shared.messages import command, event
from domain.shared.recorded import Metadata
from infra.serialization.codec import JsonCodec
from tests.support.fixtures.memory import MemorySnapshots, MemoryStore

TICKETS = 3


@command("test.sell_ticket.v1")
class SellTicket:
    show: str
    seats: int = 1


@command("test.cancel_ticket.v1")
class CancelTicket:
    """Give back up to so many tickets."""

    show: str
    seats: int = 1


@event("test.ticket_sold.v1")
class TicketSold:
    show: str


@event("test.ticket_cancelled.v1")
class TicketCancelled:
    show: str


class SoldOut(Conflict):
    """There are no tickets left."""


@dataclass(frozen=True, slots=True)
class Show:
    """How many tickets are sold."""

    sold: int = 0


def decide(show: Show, asked: SellTicket | CancelTicket) -> Sequence[TicketSold | TicketCancelled]:
    match asked:
        case SellTicket(show=name, seats=seats):
            if show.sold + seats > TICKETS:
                raise SoldOut(f"{show.sold} are sold.")
            return [TicketSold(show=name)] * seats
        case CancelTicket(show=name, seats=seats):
            return [TicketCancelled(show=name)] * min(seats, show.sold)


def evolve(show: Show, fact: TicketSold | TicketCancelled) -> Show:
    return replace(show, sold=show.sold + (1 if isinstance(fact, TicketSold) else -1))


show_decider = Decider(initial=Show(), decide=decide, evolve=evolve)
SHOW = Route(show_decider, lambda c: f"show-{c.show}", Show, "show.1")
LONG_SHOW = replace(SHOW, long=True)
SHOWS = dict.fromkeys((SellTicket, CancelTicket), SHOW)
LONG_SHOWS = dict.fromkeys((SellTicket, CancelTicket), LONG_SHOW)

SELL, SELL_TWO, CANCEL = SellTicket(show="Hamlet"), SellTicket(show="Hamlet", seats=2), CancelTicket(show="Hamlet")
ONE, TWO = UUID(int=1), UUID(int=2)


def by(command_id: UUID, fingerprint: str | None = None) -> Metadata:
    return Metadata(command_id=command_id, correlation_id=ONE, causation_id=ONE, actor="anna", fingerprint=fingerprint)


def new() -> Metadata:
    return by(uuid4())


def handler(store: MemoryStore, routes: dict[type[Any], Route] = SHOWS, **options: Any) -> CommandHandler:
    return CommandHandler(store, JsonCodec(), MemorySnapshots(), routes, **options)
