"""Forget a person, each time they ask for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.person.commands import PersonCommand
from domain.person.events import PersonEvent, PersonForgotten
from domain.shared import require
from domain.shared.decider import Decider

LONGEST_SUBJECT = LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Person:
    """How often they were forgotten."""

    times: int = 0


def decide(_: Person, command: PersonCommand) -> Sequence[PersonEvent]:
    require.text(command.subject, "subject", LONGEST_SUBJECT)
    require.text(command.reason, "reason", LONGEST_REASON)
    return [PersonForgotten(subject=command.subject, reason=command.reason, at=command.at)]


def evolve(person: Person, _: PersonEvent) -> Person:
    return Person(person.times + 1)


person_decider = Decider(initial=Person(), decide=decide, evolve=evolve)
