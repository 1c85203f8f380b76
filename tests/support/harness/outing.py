"""The smallest process with everything: a play and a dinner, or neither.

play sold       -> sell a dinner, wait ten seconds for it
dinner sold     -> fine
dinner refused  -> give the play back
ten seconds     -> somebody has to look
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from process_managers.engine.process import CancelTimer, CommandRefused, Process, Reaction, SetTimer, TimerFired
from tests.support.harness.counter import CancelTicket, SellTicket, TicketCancelled, TicketSold

PATIENCE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Outing:
    """How far the evening is planned."""

    phase: str = "new"


class TooBoring(Exception):
    """A fault of the process itself."""


def evolve(outing: Outing, heard: Any) -> Outing:
    match heard:
        case TicketSold(show=show) if show.endswith("/boring"):
            raise TooBoring
        case TicketSold(show=show) if show.endswith("/play"):
            return Outing("half planned")
        case TicketSold(show=show) if show.endswith("/dinner"):
            return Outing("planned")
        case CommandRefused():
            return Outing("off")
        case TimerFired():
            return Outing("late")
        case _:
            return outing


def react(_: Outing, outing: Outing, heard: Any, at: datetime) -> Sequence[Any]:
    match heard:
        case TicketSold(show=show) if show.endswith("/play"):
            group = show.removesuffix("/play")
            return [SellTicket(show=f"{group}/dinner"), SetTimer(name="dinner", due=at + PATIENCE)]
        case TicketSold() if outing.phase == "planned":
            return [CancelTimer(name="dinner")]
        case CommandRefused(instance=group):
            return [CancelTicket(show=f"{group}/play"), CancelTimer(name="dinner")]
        case _:
            return []


def group_of(fact: TicketSold | TicketCancelled) -> str | None:
    group, slash, _ = fact.show.partition("/")
    if group == "unnameable":
        raise TooBoring
    return group if slash else None


outing = Process(
    name="outing",
    handles=(TicketSold,),
    instance_of=group_of,
    initial=Outing(),
    evolve=evolve,
    react=react,
    phase_of=lambda outing: outing.phase,
    attention_of=lambda outing: "The dinner is late." if outing.phase == "late" else None,
    begins=(TicketSold,),
)


def tidy(heard: Any, at: datetime) -> Sequence[Any]:
    """Whoever gives a play back is put on a list, for a minute."""
    match heard:
        case TicketCancelled(show=show) if show.endswith("/play"):
            return [SellTicket(show=show.replace("/play", "/list"))]
        case TicketSold(show=show) if show.endswith("/list"):
            return [SetTimer(name="list", due=at + timedelta(minutes=1))]
        case TicketSold(show=show) if show.endswith("/dull"):
            raise TooBoring
        case TimerFired(instance=group):
            return [CancelTicket(show=f"{group}/list")]
        case _:
            return []


waiting_list = Reaction(
    name="waiting_list", handles=(TicketSold, TicketCancelled, TimerFired), instance_of=group_of, react=tidy
)
