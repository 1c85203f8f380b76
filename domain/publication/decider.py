"""A dead letter is sent again once; if it comes back, it is another one."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.publication.commands import PublicationCommand
from domain.publication.events import PublicationEvent, PublicationRequested
from domain.shared.decider import Decider


@dataclass(frozen=True, slots=True)
class Publication:
    """How often an event was requested to be published again."""

    asked: int = 0


def decide(publication: Publication, command: PublicationCommand) -> Sequence[PublicationEvent]:
    """Ask, unless this very letter was answered before."""
    if command.asked < publication.asked:
        return []
    return [PublicationRequested(event_id=command.event_id, stream=command.stream, revision=command.revision)]


def evolve(publication: Publication, _: PublicationEvent) -> Publication:
    """Each request counts."""
    return Publication(publication.asked + 1)


publication_decider = Decider(initial=Publication(), decide=decide, evolve=evolve)
