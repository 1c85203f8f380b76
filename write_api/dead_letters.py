"""Dead letters: events that could not be published are published again by hand."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from domain.publication.errors import DeadLetterNotFound
from write_api.http.context import Operations
from write_api.http.fields import Because
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

EventId = Annotated[
    UUID,
    Path(
        description="As in `cockpit { publisher { deadLetters { eventId } } }`.",
        examples=["0197f0a5-1d2c-7b1e-8f00-6a7b8c9d0e1f"],
    ),
]

router = APIRouter(prefix="/dead-letters", tags=["dead letters"], route_class=CommandRoute)


@router.post("/{event_id}/resend", status_code=202)
async def resend_dead_letter(context: Operations, event_id: EventId, body: Because) -> Accepted:
    """Resend a dead letter. The publisher publishes its event again, in its next transaction.

    Mend the cause first: an event that fails again is a dead letter again. A letter that was sent again already is not
    sent twice; once the publisher has reported that it waits no more, it is not found.
    """
    if (request := await context.ports.dead_letters.find(event_id)) is None:
        raise DeadLetterNotFound(
            f"No dead letter about event {event_id} waits, or not among the first that the publisher reports. "
            "The read API lists them: cockpit { publisher { deadLetters } }."
        )
    because = context.metadata._replace(reason=body.reason)
    return context.accepted(await context.handler(request, because))
