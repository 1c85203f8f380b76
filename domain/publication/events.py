"""What can happen to the publication of an event."""

from uuid import UUID

from domain.shared.messages import event


@event("publication.requested.v1")
class PublicationRequested:
    """The event at that place is to be published again."""

    event_id: UUID
    stream: str
    revision: int


PublicationEvent = PublicationRequested
