"""What can be asked of the publication of an event."""

from uuid import UUID

from domain.shared.messages import command


@command("publication.request.v1")
class RequestPublication:
    """Tell an event again that became a dead letter after it had been asked for `asked` times."""

    event_id: UUID
    stream: str
    revision: int
    asked: int


PublicationCommand = RequestPublication
